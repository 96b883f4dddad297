"""What is free, and until when: said once, for the calendar, the list of slots, the hold and the confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from backend.bookings import policy
from backend.kernel.clock import local
from backend.models.base import UtcDateTime
from backend.models.station import Slot, StationDay, StationRules, TownDay

#: No station releases days further ahead than a page looks.
AHEAD = 62
#: States of a day with a free seat.
BOOKABLE = ("free", "few")


@dataclass(frozen=True, slots=True)
class SlotView:
    """One slot that can be booked now; ``left``: seats, after the caps of the day and of the town."""

    id: int
    station: str
    day: date
    starts_at: datetime
    ends_at: datetime
    seats: int
    left: int


@dataclass(frozen=True, slots=True)
class DayView:
    """One day of a station; ``state``: free, few, full, closed."""

    day: date
    state: str
    left: int


@dataclass(frozen=True, slots=True)
class Horizon:
    """Days up to ``last`` can be booked; each day at ``at`` ("08:00", China) one more is released."""

    last: date
    at: str


def bookable(now: datetime | ColumnElement[datetime]) -> tuple[ColumnElement[bool], ...]:
    """The slots that may be booked now: opened, not yet too near, and still wanted by the rules."""
    return (Slot.opens_at <= now, Slot.closes_at > now, Slot.withdrawn_at.is_(None))


def free_seats() -> ColumnElement[int]:
    """Seats of a slot that nobody has; never below 0 (a capacity may be lowered below what is booked)."""
    return case((Slot.taken < Slot.capacity, Slot.capacity - Slot.taken), else_=0)


def slots(session: Session, *, station: str, day: date, now: datetime, town: str = "") -> list[SlotView]:
    """The bookable slots of a day in order, full ones too."""
    asked = {"station": station, "day": day, "now": now, "town": town}
    return [_slot(row) for row in session.connection().execute(_OF_DAY, asked)]


def nearest(
    session: Session,
    *,
    station: str,
    seats: int,
    around: datetime,
    now: datetime,
    town: str = "",
    first: date | None = None,
    last: date | None = None,
    limit: int = 5,
) -> list[SlotView]:
    """Slots of a station with room for ``seats``, the nearest to a moment first; within a range of days if given."""
    asked = {"station": station, "seats": seats, "around": around, "now": now, "town": town, "limit": limit}
    asked |= {"first": first or date.min, "last": last or date.max}
    found = [_slot(row) for side in (_AFTER, _BEFORE) for row in session.connection().execute(side, asked)]
    return sorted(found, key=lambda view: abs(view.starts_at - around))[:limit]


def days(
    session: Session, *, stations: Sequence[str], first: date, last: date, now: datetime, town: str = ""
) -> dict[str, list[DayView]]:
    """Every day from ``first`` to ``last`` of each station, in one statement; a day without slots is closed."""
    known: dict[tuple[str, date], DayView] = {}
    for station, day, seats, left, cap_left, town_left in session.execute(_days(stations, first, last, now, town)):
        limits = [int(limit) for limit in (left, cap_left, town_left) if limit is not None]
        known[station, day] = _day(day, int(seats or 0), max(min(limits), 0))
    span = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    return {code: [known.get((code, day), DayView(day, "closed", 0)) for day in span] for code in stations}


def next_free(session: Session, *, station: str, after: date, now: datetime, town: str = "") -> date | None:
    """The first day after ``after`` with a free seat; ``None`` when all that can be booked is full."""
    last = session.scalar(select(func.max(Slot.day)).where(Slot.station == station, *bookable(now)))
    if last is None or last <= after:
        return None
    first = after + timedelta(days=1)
    found = days(session, stations=[station], first=first, last=last, now=now, town=town)[station]
    free = first_free(found)
    return free.day if free else None


def horizon(session: Session, *, station: str, now: datetime) -> Horizon | None:
    """How far ahead a station can be booked now; ``None`` for one without rules."""
    rules = session.get(StationRules, station)
    if rules is None:
        return None
    here = local(now)
    ahead = rules.horizon_days - (f"{here:%H:%M}" < rules.release_time)
    return Horizon(here.date() + timedelta(days=ahead), rules.release_time)


def coming(
    session: Session, *, stations: Sequence[str], first: date, now: datetime, town: str = ""
) -> dict[str, list[DayView]]:
    """Every day from ``first`` on of each station, in one statement; nothing for no station."""
    if not stations:
        return {}
    last = first + timedelta(days=AHEAD)
    return days(session, stations=stations, first=first, last=last, now=now, town=town)


def first_free(found: Sequence[DayView]) -> DayView | None:
    """The first of these days with a free seat."""
    return next((view for view in found if view.state in BOOKABLE), None)


def _day(day: date, seats: int, left: int) -> DayView:
    return DayView(day, policy.state(seats, left, bookable=seats > 0), left)


def _days(stations: Sequence[str], first: date, last: date, now: datetime, town: str) -> Select[*tuple[Any, ...]]:
    is_open = and_(*bookable(now))
    return (
        select(
            Slot.station,
            Slot.day,
            func.sum(case((is_open, Slot.capacity), else_=0)),
            func.sum(case((is_open, free_seats()), else_=0)),
            func.max(StationDay.cap - StationDay.taken),
            func.max(TownDay.cap - TownDay.taken),
        )
        .join(StationDay, _same_day(StationDay), isouter=True)
        .join(TownDay, and_(_same_day(TownDay), TownDay.town == town), isouter=True)
        .where(Slot.station.in_(stations), Slot.day >= first, Slot.day <= last)
        .group_by(Slot.station, Slot.day)
    )


def _same_day(counter: type[StationDay | TownDay]) -> ColumnElement[bool]:
    return and_(counter.station == Slot.station, counter.day == Slot.day)


def _slot(row: Any) -> SlotView:
    slot_id, station, day, starts_at, ends_at, seats, *limits = row
    left = max(min(limit for limit in limits if limit is not None), 0)
    return SlotView(slot_id, station, day, starts_at, ends_at, seats, left)


_NOW, _TOWN = bindparam("now", type_=UtcDateTime()), bindparam("town", type_=String)
_DAY_LEFT, _TOWN_LEFT = StationDay.cap - StationDay.taken, TownDay.cap - TownDay.taken
_SLOTS = (
    select(
        Slot.id,
        Slot.station,
        Slot.day,
        Slot.starts_at,
        Slot.ends_at,
        Slot.capacity,
        free_seats(),
        _DAY_LEFT,
        _TOWN_LEFT,
    )
    .join(StationDay, _same_day(StationDay), isouter=True)
    .join(TownDay, and_(_same_day(TownDay), TownDay.town == _TOWN), isouter=True)
    .where(Slot.station == bindparam("station"), *bookable(_NOW))
)
_OF_DAY = _SLOTS.where(Slot.day == bindparam("day")).order_by(Slot.starts_at)
_SEATS, _AROUND = bindparam("seats", type_=Integer), bindparam("around", type_=UtcDateTime())
_WITH_ROOM = _SLOTS.where(
    Slot.capacity - Slot.taken >= _SEATS,
    or_(_DAY_LEFT.is_(None), _DAY_LEFT >= _SEATS),
    or_(_TOWN_LEFT.is_(None), _TOWN_LEFT >= _SEATS),
    Slot.day >= bindparam("first"),
    Slot.day <= bindparam("last"),
).limit(bindparam("limit", type_=Integer))
_AFTER = _WITH_ROOM.where(Slot.starts_at >= _AROUND).order_by(Slot.starts_at)
_BEFORE = _WITH_ROOM.where(Slot.starts_at < _AROUND).order_by(Slot.starts_at.desc())
