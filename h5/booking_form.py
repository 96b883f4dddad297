"""Who comes to a checkup, for which child, and from where: the questions of a hold and of the wait-list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from flask import request
from flask_babel import gettext as _

from backend.bookings.residence import KINDS, LIVING, Residence
from backend.kernel.errors import Wrong
from backend.kernel.text import ascii_digits, person_name
from backend.web.words import say
from h5.booking_words import plans
from h5.places import below

BOTH, NAMED, ALONE = "partner", "companion", "me"
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Typed:
    """What was chosen and typed, right or wrong; ``since``: year, month, day of living here."""

    who: str = ""
    companion: str = ""
    plan: str = ""
    kind: str = ""
    town: str = ""
    since: tuple[str, ...] = ("", "", "")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the station wants to know. ``months``: so long one must have lived in the county; 0: nobody is asked."""

    county: str
    linked: bool
    residence: bool
    months: int


@dataclass(frozen=True, slots=True)
class Answers:
    plan: str
    partner: bool
    companion: str = field(repr=False)
    residence: Residence | None


def typed() -> Typed:
    """What this request posted."""
    names = ("who", "companion", "plan", "kind", "town")
    words = {name: request.form.get(name, "")[:LONGEST] for name in names}
    return Typed(**words, since=boxes("since"))


def boxes(name: str) -> tuple[str, ...]:
    """The three boxes of a day as they were typed."""
    return tuple(request.form.get(f"{name}.{part}", "")[:10] for part in "ymd")


def day(parts: tuple[str, ...]) -> date | None:
    """The day in three boxes; ``None`` when they make none."""
    try:
        year, month, number = (int(ascii_digits(part.strip())) for part in parts)
        return date(year, month, number)
    except (Wrong, ValueError, OverflowError):
        return None


def answers(asked: Asked, given: Typed, wrong: dict[str, str]) -> Answers | None:
    """What was answered; ``None`` when ``wrong`` has now what is missing beside which field."""
    if given.who not in (BOTH, NAMED, ALONE):
        wrong["who"] = _("请选谁来检查")
    name = _companion(given, wrong)
    if given.plan not in [value for value, _label, _small in plans()]:
        wrong["plan"] = _("请选这是为第几个孩子做的检查")
    residence = _residence(asked, given, wrong)
    return None if wrong else Answers(given.plan, given.who == BOTH, name, residence)


def towns(asked: Asked) -> list[tuple[str, str, None]]:
    return [(place.code, place.name, None) for place in below(asked.county)] if asked.residence else []


def people(asked: Asked) -> list[tuple[str, str, str]]:
    both = (BOTH, _("我和爱人"), _("两个人的号一起占，要么都有，要么都没有"))
    with_name = _("我和爱人，爱人没有账号") if asked.linked else _("我和爱人")
    named = (NAMED, with_name, _("写上名字就行，也是两个号一起占"))
    alone = (ALONE, _("只有我自己"), _("爱人以后可以单独约"))
    return [both, named, alone] if asked.linked else [named, alone]


def _companion(given: Typed, wrong: dict[str, str]) -> str:
    """The name of a spouse without an account, as on the document; "" where none is asked."""
    if given.who != NAMED:
        return ""
    if not given.companion.strip():
        wrong["companion"] = _("请写爱人的姓名，到时核对身份证")
        return ""
    try:
        return person_name(given.companion)
    except Wrong as refused:
        wrong["companion"] = say(refused.text)
        return ""


def _residence(asked: Asked, given: Typed, wrong: dict[str, str]) -> Residence | None:
    if not asked.residence:
        return None
    if given.kind not in KINDS:
        wrong["kind"] = _("请选户籍在这里，还是住在这里")
    if given.town not in [code for code, _name, _small in towns(asked)]:
        wrong["town"] = _("请选镇或街道")
    since = day(given.since) if given.kind == LIVING and asked.months else None
    if given.kind == LIVING and asked.months and since is None:
        wrong["since"] = _("请填从哪天起住在本区，记不清哪一天就填 1 日")
    return None if wrong else Residence(given.kind, given.town, since)
