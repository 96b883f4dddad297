"""A month as a grid of days, each with its word; and a few coming days in one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import url_for

from backend.bookings.availability import DayView, Horizon
from h5.dates import weekdays

#: A row of coming days has as many columns as a week.
ROW = 7


@dataclass(frozen=True, slots=True)
class Square:
    """One day. ``state``: free, few, full, shut, past, later (not released yet); closed days have no ``href``."""

    day: date
    state: str
    left: int
    href: str | None
    picked: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """``heads``: short names of the weekdays over the columns; ``gaps``: empty squares before the first day."""

    heads: list[str]
    gaps: int
    squares: list[Square]


def month(
    views: Sequence[DayView], *, station: str, today: date, release: Horizon | None, picked: date | None, change: str
) -> Grid:
    """The days of one month under their weekdays, without the weeks that are over."""
    monday = today - timedelta(days=today.weekday())
    shown = [view for view in views if view.day >= monday or view.day == picked] or views
    squares = [_square(view, station, today, release, picked, change) for view in shown]
    return Grid(weekdays(), shown[0].day.weekday(), squares)


def row(views: Sequence[DayView], *, station: str, today: date) -> Grid:
    """The next seven days, from whatever weekday it is."""
    heads = weekdays()
    squares = [_square(view, station, today, None, None, "") for view in views[:ROW]]
    return Grid([heads[(today + timedelta(days=n)).weekday()] for n in range(ROW)], 0, squares)


def _square(
    view: DayView, station: str, today: date, release: Horizon | None, picked: date | None, change: str
) -> Square:
    state = {"closed": "shut"}.get(view.state, view.state)
    if view.day < today:
        state = "past"
    elif release and view.day > release.last:
        state = "later"
    href = day_address(station, view.day, change) if state in ("free", "few", "full") else None
    return Square(view.day, state, view.left, href, view.day == picked)


def day_address(station: str, day: date, change: str) -> str:
    """The page of one day; ``change``: the booking that is being moved, "" for a new one."""
    keep: dict[str, Any] = {"change": change} if change else {}
    return url_for("h5_checkup.day", station=station, day=day.isoformat(), _anchor="slots", **keep)
