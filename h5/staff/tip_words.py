"""The words of the investigators' pages: what a tip is about, what is due, what was done."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _

from backend.lifecycles.tip import TIP
from backend.tips.lines import NEW, REPLY
from backend.web.context import runtime
from backend.web.tip_evidence_view import PICTURE, SOUND
from backend.web.words import say
from h5 import dates
from h5.dates import day
from h5.tips import words

#: Colour of a status beside its word.
SHADES = {"received": "sun", "need_more": "blue", "transferred": "blue", "unsubstantiated": "grey", "closed": "grey"}
Mark = tuple[str, str]


def categories() -> dict[str, str]:
    """What happened."""
    return {value: label for value, label, _small in words.categories()}


def kinds() -> dict[str, str]:
    """Who did it."""
    return {value: label for value, label, _small in words.kinds()}


def place(code: str) -> str:
    """The town of a target, or the county."""
    towns = {one.code: one.name for one in runtime().tips.places}
    return towns.get(code) or towns.get(f"{code[:9]}000") or towns.get(f"{code[:6]}000000", "")


def views() -> list[tuple[str, str]]:
    """The lists to choose from."""
    return [("open", _("在查")), ("overdue", _("超期")), ("ended", _("有结果")), ("all", _("全部"))]


def marks(one: dict[str, Any]) -> list[Mark]:
    """What a line says in words beside its colours."""
    found = [(one["status_label"], SHADES.get(one["status"], ""))]
    if one["overdue"]:
        found.append((_("超期"), "red"))
    if one["news"] in (NEW, REPLY):
        found.append((_("没看过") if one["news"] == NEW else _("有新话"), "sun"))
    if one["merged_into"]:
        found.append((_("已合并"), "grey"))
    return found


def due(one: dict[str, Any]) -> str:
    """The next day that counts; empty when nothing is due."""
    if one["status"] in ("substantiated", "unsubstantiated", "closed"):
        return ""
    if one["acknowledged_on"] is None and one["acknowledge_by"]:
        return _until(_("最晚 %(day)s看"), one["acknowledge_by"])
    if one["answered_on"] is None and one["answer_by"]:
        return _until(_("最晚 %(day)s答复"), one["answer_by"])
    return ""


def days(one: dict[str, Any]) -> list[tuple[str, str]]:
    """Both deadlines and what became of them."""
    return [
        (_("三个工作日内看"), _met(one["acknowledge_by"], one["acknowledged_on"])),
        (_("十五个工作日内答复"), _met(one["answer_by"], one["answered_on"])),
    ]


def deed(act: str) -> str:
    """A line of the log."""
    said = {
        "opened": _("打开"),
        "asked": _("提问"),
        "wrote": _("回话"),
        "looked": _("看了证据"),
        "merged": _("合并"),
        "separated": _("分开"),
        "aside": _("举报人点了名，不再看这一件"),
        "redacted": _("隐去文字"),
        "destroyed": _("销毁内容"),
        "reward": _("定了奖励"),
        "package_taken": _("下载了移送包"),
        "sent_up": _("下载了给市级监督的密封包"),
        "recovered": _("用恢复密钥打开"),
    }
    known = {move.name: move.label for move in TIP.moves}
    return said.get(act) or (say(known[act]) if act in known else act)


def month(given: str) -> str:
    """``2026-10`` as people say it."""
    return dates.month(date.fromisoformat(f"{given}-01"))


def evidence(entry: dict[str, Any]) -> str:
    """What kind of evidence it is, and its name if it has one."""
    said = {PICTURE: _("照片"), SOUND: _("录音")}
    kind = said.get(entry["mime"] or "", _("PDF 文件"))
    return f"{kind} · {entry['text']}" if entry["text"] else kind


def size(given: int) -> str:
    """``3.4 MB``"""
    return f"{given / 2**20:.1f} MB" if given >= 2**20 else f"{max(1, given // 1024)} KB"


def _until(words_: str, given: date) -> str:
    return words_ % {"day": day(given)}


def _met(by: date | None, on: date | None) -> str:
    if by is None:
        return _("还没有分到")
    if on is None:
        return _("最晚 %(day)s，还没有", day=day(by))
    if on > by:
        return _("%(on)s，晚了。应该不晚于 %(by)s", on=day(on), by=day(by))
    return _("%(on)s，按时", on=day(on))
