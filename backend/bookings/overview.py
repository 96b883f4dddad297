"""Stations beside each other, and until when days can be booked already: what the calendar pages tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from backend.bookings import availability
from backend.bookings.availability import DayView
from backend.kernel.clock import local
from backend.models.station import StationRules

#: No station releases days further ahead than a page looks.
AHEAD = 62
BOOKABLE = ("free", "few")


@dataclass(frozen=True, slots=True)
class Release:
    """Days up to ``last`` can be booked; each day at ``at`` ("08:00", China) one more is released."""

    last: date
    at: str


def release(session: Session, *, station: str, now: datetime) -> Release | None:
    """How far ahead a station can be booked now; ``None`` for one without rules."""
    rules = session.get(StationRules, station)
    if rules is None:
        return None
    here = local(now)
    ahead = rules.horizon_days - (f"{here:%H:%M}" < rules.release_time)
    return Release(here.date() + timedelta(days=ahead), rules.release_time)


def coming(
    session: Session, *, stations: Sequence[str], first: date, now: datetime, town: str = ""
) -> dict[str, list[DayView]]:
    """Every day from ``first`` on of each station, in one statement; nothing for no station."""
    if not stations:
        return {}
    last = first + timedelta(days=AHEAD)
    return availability.days(session, stations=stations, first=first, last=last, now=now, town=town)


def first_free(days: Sequence[DayView]) -> DayView | None:
    """The first of these days with a free seat."""
    return next((view for view in days if view.state in BOOKABLE), None)
