"""The periods a benefit is paid for: a year, a month, or once. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_, Text

ONCE = "once"
FORMS = {
    "year": re.compile(r"20[0-9]{2}", re.ASCII),
    "month": re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])", re.ASCII),
    "once": re.compile(ONCE),
}


@dataclass(frozen=True, slots=True)
class Period:
    """``code``: ``2026``, ``2026-11`` or ``once``; the days from ``first`` up to, not including, ``beyond``."""

    code: str
    first: date
    beyond: date


def read(kind: str, code: str, *, today: date) -> Period:
    """The period of that code; ``Invalid`` when it has another form or has not begun.

    ``kind`` is the item's: year, month, once. ``once`` asks who receives the benefit today.
    """
    if not FORMS[kind].fullmatch(code):
        raise _refused("invalid_period", _example(kind, today))
    period = _period(code, today)
    if period.first > today:
        raise _refused("period_not_begun", N_("这一期还没有开始，到期再准备"))
    return period


def current(kind: str, today: date) -> str:
    """The code of the period that runs."""
    return {"year": f"{today.year}", "month": f"{today:%Y-%m}"}.get(kind, ONCE)


def recent(kind: str, today: date) -> list[str]:
    """The code of the period that runs and of the one before."""
    if kind == ONCE:
        return [ONCE]
    before = date(today.year - 1, 1, 1) if kind == "year" else today.replace(day=1) - timedelta(days=1)
    return [current(kind, today), current(kind, before)]


def label(code: str) -> Text:
    """The period as people say it."""
    if code == ONCE:
        return N_("一次性")
    year, _, month = code.partition("-")
    return N_("%(year)s 年 %(month)s 月", year=year, month=int(month)) if month else N_("%(year)s 年", year=year)


def _period(code: str, today: date) -> Period:
    if code == ONCE:
        return Period(code, today, today + timedelta(days=1))
    year, _, month = code.partition("-")
    if not month:
        return Period(code, date(int(year), 1, 1), date(int(year) + 1, 1, 1))
    first = date(int(year), int(month), 1)
    return Period(code, first, (first + timedelta(days=31)).replace(day=1))


def _example(kind: str, today: date) -> Text:
    if kind == ONCE:
        return N_("这个事项只发一次，期间写 once")
    return N_("期间要写成 %(example)s 这样", example=current(kind, today))


def _refused(code: str, words: Text) -> Invalid:
    return Invalid(code, words, errors={"period": [words]})
