"""Payments in words: amounts, states, differences, and what is wrong with a file, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from backend.benefits.payments import MOST_COUNTED
from backend.catalogue.definition import ItemDefinition
from backend.kernel.errors import Problem
from backend.web.words import say
from h5 import dates
from h5.shell import in_language

#: State → the colour of its word.
KINDS = {"prepared": "sun", "approved": "sun", "exported": "blue", "settled": "", "discarded": "grey"}
OUTCOME_KINDS = {"paid": "", "failed": "red", "open": "grey", "discarded": "grey"}


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    count: int
    href: str
    current: bool


def yuan(fen: int) -> str:
    """``11,520.00``"""
    return f"{fen // 100:,}.{fen % 100:02d}"


def counted(count: int) -> str:
    """Counts stop at a hundred, and say so; nothing for none."""
    return f"{MOST_COUNTED - 1}+" if count >= MOST_COUNTED else str(count) if count else ""


def name(item: ItemDefinition) -> str:
    return in_language(item, "name")


def differences() -> dict[str, str]:
    """What may differ from the last time, for chips and marks."""
    return {
        "new": _("新增"),
        "account": _("换了账户"),
        "amount": _("金额变了"),
        "both": _("账户和金额都变了"),
        "again": _("上次没打成，账户没改"),
    }


def batch(found: dict[str, Any], office: str) -> dict[str, Any]:
    """A batch for a list or its own page."""
    return found | {
        "yuan": yuan(found["total_fen"]),
        "office": office,
        "period_label": say(found["period_label"]),
        "mark": (say(found["status_label"]), KINDS[found["status"]]),
        "course": _course(found),
    }


def _course(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Who did what when; what has not happened yet is not mentioned."""
    acts = [
        (_("准备"), found["prepared_at"], found["prepared_by"]),
        (_("审核"), found["approved_at"], found["approved_by"]),
        (_("退回"), found["discarded_at"], found["discarded_by"]),
        (_("首次导出"), found["exported_at"], ""),
        (_("全部有了结果"), found["settled_at"], ""),
    ]
    return [(act, " · ".join(part for part in (dates.moment(at), post) if part)) for act, at, post in acts if at]


def plan(found: dict[str, Any]) -> dict[str, Any]:
    """A dry run."""
    said, whys = differences(), why()
    return found | {
        "yuan": yuan(found["total_fen"]),
        "period_label": say(found["period_label"]),
        "changes": [(said[kind], found["differences"][kind]) for kind in said if found["differences"][kind]],
        "left_out": [(whys[kind], count) for kind, count in found["left_out"].items()],
        "left_out_people": [
            (one["recipient_id"], one["holder_masked"], whys[one["why"]]) for one in found["left_out_people"]
        ],
    }


def why() -> dict[str, str]:
    """Why somebody on the list cannot be paid now."""
    return {
        "no_class": _("没有定档次，先到名单里定档"),
        "reopened": _("原来的审批正在重新审核"),
        "erased": _("账号已注销，没有账户信息"),
    }


def tabs(found: dict[str, Any], show: str | None, outcome: str | None) -> list[Tab]:
    """All lines, those that differ, and once the bank has answered, by what it said."""
    kinds = [("", _("全部"), found["count"])]
    kinds += [(kind, label, found["differences"].get(kind, 0)) for kind, label in differences().items()]
    number = found["number"]
    first = [
        Tab(label, count, url_for(".one", number=number, show=kind or None), not outcome and kind == (show or ""))
        for kind, label, count in kinds
        if count
    ]
    if not found["returns"]:
        return first
    sums = {kind: found["statement"][kind]["count"] for kind in ("paid", "failed", "open")}
    said = {"paid": _("成功"), "failed": _("失败"), "open": _("等回盘")}
    return first + [
        Tab(said[kind], sums[kind], url_for(".one", number=number, outcome=kind), outcome == kind)
        for kind in said
        if sums[kind]
    ]


def line(found: dict[str, Any]) -> dict[str, Any]:
    """One payment: its mark is the bank's answer, before that what differs."""
    label = found["amount_class_label"]
    if found["outcome"] == "open" and found["difference"]:
        mark = (differences()[found["difference"]], "blue" if found["difference"] != "again" else "sun")
    elif found["outcome"] == "open":
        mark = ("", "")
    else:
        mark = (say(found["outcome_label"]), OUTCOME_KINDS[found["outcome"]])
    parts = (found["village"], say(label), " ".join(part for part in (found["bank"], found["account_masked"]) if part))
    return found | {"yuan": yuan(found["fen"]), "mark": mark, "about": " · ".join(part for part in parts if part)}


def failure(found: dict[str, Any]) -> dict[str, Any]:
    """One refused payment; its mark says whose turn it is."""
    if found["ended"]:
        mark = (_("已停发"), "grey")
    else:
        mark = (_("账户已改，等下一批"), "blue") if found["mended"] else (_("账户待核对"), "sun")
    return found | {
        "yuan": yuan(found["fen"]),
        "period_label": say(found["period_label"]),
        "at": dates.moment(found["failed_at"]),
        "reason": found["reason"] or _("银行没有写原因"),
        "mark": mark,
    }


def faults(problem: Problem | None) -> list[str]:
    """What is wrong with a file, line by line."""
    if problem is None or problem.code != "bank_file":
        return []
    return [
        _("第 %(line)s 行：%(what)s", line=where.removeprefix("lines."), what=_("；").join(say(one) for one in texts))
        for where, texts in problem.errors.items()
        if where.startswith("lines.")
    ]


def done(word: str) -> str:
    """What was just done."""
    return {
        "prepared": _("名单已经固定，请区县另一位同事审核"),
        "approved": _("审核通过，可以导出交银行"),
        "discarded": _("已退回，名单里的人可以重新准备"),
        "returned": _("回盘已记入，会告诉本人"),
        "mended": _("账户已改，下一批会重新发"),
    }.get(word, "")
