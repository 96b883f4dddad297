"""The console's own words: deadlines, states and marks as a clerk reads them, short and in the third person."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from backend.kernel.clock import today
from backend.lifecycles.application import APPLICATION, REVIEWABLE
from backend.web.context import runtime
from backend.web.words import say
from h5 import dates

#: (word, kind): the kind is the colour and the shape beside the word.
Mark = tuple[str, str]
KINDS = {"issued": "", "approved": "", "rejected": "grey", "withdrawn": "grey", "correction": "grey"}


def deadline(case: dict[str, Any]) -> str:
    """``还剩 2 天``, ``超 1 个工作日``; nothing while nobody's clock runs."""
    if case["due"] == "stopped" or not case["due_on"]:
        return ""
    now, due = today(runtime().clock()), date.fromisoformat(case["due_on"])
    if case["due"] == "overdue":
        late = runtime().calendar.between(due, now)
        return _("超 %(n)s 个工作日", n=late) if late else _("刚过期限")
    return left((due - now).days)


def age(days: int) -> str:
    """How long ago a case was handed in."""
    return _("今天交的") if days < 1 else _("交了 %(n)s 天", n=days)


def left(days: int) -> str:
    """Calendar days until a deadline, as people say it."""
    if days < 0:
        return _("已超期")
    return {0: _("今天到期"), 1: _("明天到期")}.get(days) or _("还剩 %(n)s 天", n=days)


def status(case: dict[str, Any]) -> str:
    """The state; the applicant's own words (请您补正) would be wrong here."""
    return _("等申请人补正") if case["status"] == "correction" else say(case["status_label"])


def mark(case: dict[str, Any]) -> Mark:
    """What a clerk must know of a case at a glance; the most pressing thing wins."""
    if case["status"] not in REVIEWABLE:
        return status(case), KINDS.get(case["status"], "grey")
    if case["due"] in ("overdue", "soon"):
        return (_("超期"), "red") if case["due"] == "overdue" else (_("快到期"), "sun")
    if case["claim"]:
        return (_("我在办"), "") if case["claim"]["mine"] else (_("有人在办"), "blue")
    if case["barred"]:
        return _("要回避"), "grey"
    if "claim" in case["allowed_actions"]:
        return _("未领"), "free"
    return _("在%(level)s", level=say(case["level_label"])), "grey"


def held(claim: dict[str, Any] | None) -> str:
    """Who holds the case, until when."""
    if claim is None:
        return ""
    until = dates.clock_time(datetime.fromisoformat(claim["until"]))
    if claim["mine"]:
        return _("您在办，到 %(until)s", until=until)
    return _("%(post)s在办，%(until)s 前", post=claim["post"], until=until)


def act(name: str) -> str:
    """One entry of the audit chain in words; a name nobody has put into words stands as it is."""
    plain = {
        "claim.take": _("领办"),
        "search.person": _("按姓名或证件号查找"),
        "claim.renew": _("延长领办"),
        "claim.release": _("放回待办"),
        "claim.expire": _("领办到期，放回待办"),
        "claim.takeover": _("上级接手，换人办"),
        "claim.hand_over": _("交给同事，或放回待办"),
        "look.material": _("查看材料"),
        "look.case": _("打开申请"),
        "look.audit": _("看办理记录"),
        "rating.give": _("评价"),
        "rating.answer": _("答复评价"),
        "retention.destroy": _("保存期满，销毁内容"),
        "look.parcel": _("查看收件地址"),
        "collection.made": _("登记已领取"),
        "visit.offer": _("约上门时间"),
        "visit.cancel": _("取消上门"),
        "visit.made": _("登记已上门"),
        "notice.extend": _("公示页打不开，公示顺延"),
        "objection.make": _("有人提出异议"),
        "objection.dismiss": _("答复异议：不成立"),
        "look.objection": _("查看异议"),
        "deadline.passed": _("超过期限，已提醒上级"),
        **_talk(),
        "routing.move": _("换了办理的办公室"),
        "deadline.recount": _("放假安排改了，期限提前"),
    }
    moves = {f"{APPLICATION.name}.{move.name}": move.label for move in APPLICATION.moves}
    return plain.get(name) or (say(moves[name]) if name in moves else name)


def _talk() -> dict[str, str]:
    """Acts of the conversation around a case."""
    return {
        "correction.propose": _("提出再次补正，等上一级同意"),
        "correction.consent": _("同意再次补正"),
        "correction.refuse": _("没有同意再次补正"),
        "correction.drop": _("收回再次补正"),
        "correction.reroute": _("再次补正改由再上一级同意"),
        "correction.moot": _("没有人能同意再次补正，作罢"),
        "correction.edit": _("修改补正通知"),
        "question.ask": _("向申请人提问"),
        "question.reply": _("回答提问"),
        "note.write": _("写内部备注"),
    }


def actor(kind: str) -> str:
    """Who did something, when no post says it."""
    return {"applicant": _("申请人"), "system": _("系统"), "public": _("群众"), "staff": _("办事员")}.get(kind, kind)


def relation(code: str) -> str:
    """How a helper stands to the person they file for."""
    return {"family": _("家人"), "village_specialist": _("村（社区）专干")}.get(code, _("其他人"))
