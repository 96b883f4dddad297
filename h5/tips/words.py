"""The words of the tip line's pages: what happened, who did it, how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from backend.lifecycles.tip import TIP, TipStatus
from backend.tips.counting import Cell
from backend.tips_runtime import Place, TipsRuntime
from backend.web.words import say
from h5.dates import day, month

Option = tuple[str, str, str | None]
#: Days that a closed tip is kept.
KEPT = timedelta(days=180)
#: Months that the form offers.
MONTHS = 36


def categories() -> list[Option]:
    return [
        ("sex_determination", _("鉴定胎儿性别"), _("没有医学需要，用 B 超或别的办法看是男是女")),
        ("sex_selective_abortion", _("因为性别做流产"), None),
        ("blood_sample_mailing", _("寄血样去验性别"), _("抽血、收血样、带出境")),
        ("drug_selling", _("卖流产药"), None),
        ("advertising", _("打广告、拉人"), _("网上、群里、墙上")),
        ("equipment_renting", _("出租、出借 B 超机"), None),
    ]


def kinds() -> list[Option]:
    return [
        ("institution", _("医院、诊所或公司"), None),
        ("practitioner", _("做检查或手术的人"), None),
        ("intermediary", _("介绍人、中介"), None),
        ("drug_seller", _("卖药的"), None),
        ("advertisement", _("广告、网店、公众号"), None),
        ("equipment_renter", _("出租机器的"), None),
    ]


def months(today: date) -> list[Option]:
    """This month and the ones before, newest first."""
    found: list[Option] = [("", _("不写"), None)]
    first = today.replace(day=1)
    for _past in range(MONTHS):
        found.append((f"{first:%Y-%m}", month(first), None))
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def hours(given: tuple[int, ...]) -> str:
    """``9:00、15:00``"""
    return _("、").join(f"{hour}:00" for hour in given)


def next_step(found: dict[str, Any], at: TipsRuntime) -> str:
    """What happens now, and until when; what is late is called late."""
    said = {
        TipStatus.VERIFYING: _("核查的人在查，有了结果会写在这里。") if _answered(found) else _answer_by(found, at),
        TipStatus.NEED_MORE: _("核查的人有话问您，在下面回答就行。不想答也可以，不影响您。"),
        TipStatus.TRANSFERRED: _("已经交给有权处理的部门，有了结果会写在这里。"),
        TipStatus.SUBSTANTIATED: _("您说的查实了。谢谢您。"),
        TipStatus.UNSUBSTANTIATED: _("这次没有查实。有新的情况，可以在下面补充。"),
        TipStatus.CLOSED: _closed(found["closed_on"]),
    }
    return said.get(found["status"]) or _received(found, at)


def _received(found: dict[str, Any], at: TipsRuntime) -> str:
    """Only what was released has days; what was seen has only the second one left."""
    if found["answer_by"] is None:
        return _("每天 %(hours)s 一起送到核查的人手里，三个工作日内有人看。", hours=hours(at.line.release_hours))
    until = found["acknowledge_by"]
    if until is None:
        return _answer_by(found, at)
    if until < at.today:
        return _("说好 %(day)s前有人看，晚了。%(oversight)s会来催。", day=day(until), oversight=at.line.oversight)
    return _("已经送到核查的人手里，最晚 %(day)s有人看。", day=day(until))


def _answer_by(found: dict[str, Any], at: TipsRuntime) -> str:
    until = found["answer_by"]
    if until is None or _answered(found):
        return _("核查的人在查，有了结果会写在这里。")
    if until < at.today:
        return _("说好 %(day)s前答复您，晚了。%(oversight)s会来催。", day=day(until), oversight=at.line.oversight)
    return _("核查的人看过了，在查。最晚 %(day)s在这里答复您。", day=day(until))


def _answered(found: dict[str, Any]) -> bool:
    """Whether the office wrote anything: the first answer is what a day is promised for."""
    return any(one["author"] != "reporter" for one in found["messages"])


def _closed(closed_on: date | None) -> str:
    if closed_on is None:
        return _("这件事已经结束。")
    return _("这件事已经结束。到 %(day)s，内容全部销毁，查询码也就打不开了。", day=day(closed_on + KEPT))


def labels() -> dict[str, str]:
    """The name of each field of the form, as it stands beside it."""
    return {
        "category": _("发生了什么"),
        "kind": _("是谁做的"),
        "name": _("单位或人的名字"),
        "region": _("在哪里"),
        "text": _("您看到、听到的"),
        "address": _("被举报的地址"),
        "contacts": _("被举报人的联系方式"),
        "happened_month": _("哪个月"),
        "passphrase": _("口令"),
        "left_out": _("不让谁看"),
    }


def past(cells: Sequence[Cell]) -> list[str]:
    """A line for each outcome of a year."""
    return [
        _("%(year)s 年%(what)s：%(n)s 件", year=one.year, what=say(TIP.label(one.outcome)), n=one.number)
        for one in cells
    ]


def of_field(name: str, text: str) -> str:
    """What is wrong, told away from its field."""
    return _("%(field)s：%(text)s", field=labels()[name], text=text) if name in labels() else text


def of_opening(opening: Mapping[str, Any], places: Sequence[Place]) -> list[tuple[str, str]]:
    """What an opened proof says: a name and a value for each line."""
    target, rest = opening.get("target") or {}, opening.get("rest") or {}
    named = {one.code: one.name for one in places}
    lines = {
        "kind": _label(kinds(), target.get("kind")),
        "name": target.get("name"),
        "region": named.get(str(target.get("region")), target.get("region")),
        "address": target.get("address"),
        "contacts": "\n".join(target.get("contacts") or []),
        "category": _label(categories(), rest.get("category")),
        "happened_month": rest.get("happened_month"),
        "text": rest.get("text"),
    }
    said = labels() | {"text": _("举报人看到、听到的")}
    return [(said[name], str(value)) for name, value in lines.items() if value]


def _label(options: Sequence[Option], value: Any) -> str:
    return next((label for given, label, _small in options if given == value), "")
