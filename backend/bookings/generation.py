"""Slots follow from rules: made by a declared job each hour, and at once when a rule or a closure changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from backend.bookings import policy, rules as ruling
from backend.bookings.rules import DayPlan, Planned, Rules
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.workdays import Calendar
from backend.lifecycles.booking import BookingStatus as S
from backend.models.booking import Booking, SeatOffer
from backend.models.station import Slot, Station, StationDay, StationException, StationRules, TownDay


@dataclass(frozen=True, slots=True)
class Change:
    """What making the slots of a station did: how many are new, changed, gone, or withdrawn from under a booking."""

    made: int
    changed: int
    gone: int
    withdrawn: int

    @property
    def total(self) -> int:
        return self.made + self.changed + self.gone + self.withdrawn


def stations(session: Session) -> list[str]:
    """The codes of the stations that are open and have rules."""
    query = select(StationRules.station).join(Station, Station.code == StationRules.station).where(Station.active)
    return list(session.scalars(query.order_by(StationRules.station)))


def make(session: Session, calendar: Calendar, *, station: str, now: datetime) -> Change:
    """Bring the coming slots of a station to what its rules say; a closed station has none. Nobody's booking is
    touched: a slot that people have is withdrawn instead of deleted, and a capacity below what is booked takes
    nobody's seat."""
    rules = rules_of(session, station, lock=True)
    if not session.scalar(select(Station.active).where(Station.code == station)):
        rules = None
    there = _there(session, station, now)
    wanted = plan(rules, exceptions(session, station, today(now)), calendar, there, now=now)
    change = compare(there, wanted, now=now)
    _insert(session, station, [slot for at, slot in wanted.items() if at not in there and at > now], now)
    for at, slot in wanted.items():
        if at in there:
            _adjust(there[at], slot)
    _retire(session, [row for at, row in there.items() if at not in wanted], now)
    session.flush()
    if rules:
        _count_days(session, station, rules, [*wanted.values()], today(now))
    return change


def forget(session: Session, *, station: str, now: datetime) -> int:
    """Delete the days of a station that are long past, with their slots and counters; how many slots."""
    before = today(now) - policy.KEPT
    for table in (StationDay, TownDay, StationException):
        session.execute(delete(table).where(table.station == station, table.day < before))
    gone: Any = session.execute(delete(Slot).where(Slot.station == station, Slot.day < before))
    return int(gone.rowcount)


def plan(
    rules: Rules | None,
    exceptional: Mapping[date, DayPlan],
    calendar: Calendar,
    there: Mapping[datetime, Slot],
    *,
    now: datetime,
) -> dict[datetime, Planned]:
    """The slots a station should have from today on, by their beginning.

    Beyond the days that can be booked only those where somebody has a seat: a shorter horizon moves nobody.
    """
    if rules is None:
        return {}
    first, last = ruling.window(rules, today(now))
    furthest = max([last, *(row.day for row in there.values() if row.taken)])
    planned = ruling.plan(rules, exceptional, calendar, first, furthest)
    return {
        slot.starts_at: slot
        for slot in planned
        if slot.day <= last or (slot.starts_at in there and there[slot.starts_at].taken)
    }


def compare(there: Mapping[datetime, Slot], wanted: Mapping[datetime, Planned], *, now: datetime) -> Change:
    """What making the slots would do."""
    lost = [row for at, row in there.items() if at not in wanted]
    return Change(
        made=sum(at not in there and at > now for at in wanted),
        changed=sum(at in there and _differs(there[at], slot) for at, slot in wanted.items()),
        gone=sum(not row.taken for row in lost),
        withdrawn=sum(bool(row.taken) and row.withdrawn_at is None for row in lost),
    )


def rules_of(session: Session, station: str, *, lock: bool = False) -> Rules | None:
    """The rules as they stand; ``lock`` keeps two makers apart."""
    query = select(StationRules).where(StationRules.station == station)
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    return read_rules(row) if row else None


def read_rules(row: StationRules) -> Rules:
    """The row as the pure rules know it."""
    hours: dict[int, tuple[ruling.Stretch, ...]] = {}
    for weekday, begin, end in row.hours:
        hours[weekday] = (*hours.get(weekday, ()), (time.fromisoformat(begin), time.fromisoformat(end)))
    return Rules(
        hours=hours,
        slot_minutes=row.slot_minutes,
        seats_per_slot=row.seats_per_slot,
        daily_cap=row.daily_cap,
        town_quotas=dict(row.town_quotas),
        lead=timedelta(minutes=row.lead_minutes),
        horizon_days=row.horizon_days,
        release=time.fromisoformat(row.release_time),
    )


def exceptions(session: Session, station: str, first: date) -> dict[date, DayPlan]:
    """The days from ``first`` on that are not like their weekday."""
    query = select(StationException).where(StationException.station == station, StationException.day >= first)
    return {row.day: day_plan(row) for row in session.scalars(query)}


def day_plan(row: StationException) -> DayPlan:
    """The row as the pure rules know it."""
    stretches = tuple((time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in row.hours)
    return DayPlan(row.day, stretches if row.kind == "open" else (), row.reason)


def _there(session: Session, station: str, now: datetime) -> dict[datetime, Slot]:
    """Every slot that has not begun, locked in order of ids."""
    query = select(Slot).where(Slot.station == station, Slot.day >= today(now), Slot.starts_at > now)
    rows = session.scalars(query.order_by(Slot.id).with_for_update().execution_options(populate_existing=True))
    return {row.starts_at: row for row in rows}


def _insert(session: Session, station: str, planned: Sequence[Planned], now: datetime) -> None:
    if not planned:
        return
    made = zip(ids.new_ids(now, len(planned)), planned, strict=True)
    rows = [{"id": row_id, "station": station, "taken": 0, "resting": 0, **_values(slot)} for row_id, slot in made]
    session.connection().execute(insert(Slot.__table__), rows)  # type: ignore[arg-type]


def _values(slot: Planned) -> dict[str, Any]:
    names = ("day", "starts_at", "ends_at", "capacity", "opens_at", "closes_at", "capped", "shared")
    return {name: getattr(slot, name) for name in names}


def _differs(row: Slot, slot: Planned) -> bool:
    return row.withdrawn_at is not None or any(getattr(row, name) != value for name, value in _values(slot).items())


def _adjust(row: Slot, slot: Planned) -> None:
    """The slot stays, with the numbers that hold now; one that was withdrawn is back."""
    if not _differs(row, slot):
        return
    row.withdrawn_at = None
    for name, value in _values(slot).items():
        setattr(row, name, value)


def _retire(session: Session, rows: list[Slot], now: datetime) -> None:
    """Slots the rules no longer have: gone, or withdrawn where somebody has a seat."""
    empty = [row for row in rows if not row.taken]
    if empty:
        gone = delete(Slot.__table__).where(Slot.id.in_([row.id for row in empty]))  # type: ignore[arg-type]
        session.connection().execute(gone)
    for row in empty:
        session.expunge(row)
    for row in rows:
        if row.taken and row.withdrawn_at is None:
            row.withdrawn_at = now


def _count_days(session: Session, station: str, rules: Rules, wanted: list[Planned], first: date) -> None:
    """Counters for days with a cap of their own and for the shares of towns, counted anew from the slots."""
    capped = sorted({slot.day for slot in wanted if slot.capped})
    session.execute(delete(StationDay).where(StationDay.station == station, StationDay.day >= first))
    taken = _taken(session, station, first)
    for day in capped:
        session.add(StationDay(station=station, day=day, cap=rules.daily_cap, taken=taken.get(day, 0)))
    _count_towns(session, station, rules, sorted({slot.day for slot in wanted}), first)
    session.flush()


def _taken(session: Session, station: str, first: date) -> dict[date, int]:
    """What ``seats`` counts against the cap of a day: the seats of its capped slots."""
    counted = (Slot.station == station, Slot.day >= first, Slot.capped)
    query = select(Slot.day, func.sum(Slot.taken)).where(*counted).group_by(Slot.day)
    return {day: int(seats) for day, seats in session.execute(query)}


def _count_towns(session: Session, station: str, rules: Rules, days: list[date], first: date) -> None:
    session.execute(delete(TownDay).where(TownDay.station == station, TownDay.day >= first))
    if not rules.town_quotas:
        return
    booked = booked_by_town(session, station, first)
    for day in days:
        for town, cap in sorted(rules.town_quotas.items()):
            session.add(TownDay(station=station, day=day, town=town, cap=cap, taken=booked.get((day, town), 0)))


def booked_by_town(session: Session, station: str, first: date) -> dict[tuple[date, str], int]:
    """Seats of bookings, of those that are over too, and of open offers, by day and town."""
    shared = (Slot.station == station, Slot.day >= first, Slot.shared)
    booked = select(Slot.day, Booking.town, Booking.seats).join(Slot, Slot.id == Booking.slot_id)
    booked = booked.where(*shared, Booking.status != S.CANCELLED)
    offered = select(Slot.day, SeatOffer.town, SeatOffer.seats).join(Slot, Slot.id == SeatOffer.slot_id)
    offered = offered.where(*shared, SeatOffer.ended_at.is_(None))
    counted: dict[tuple[date, str], int] = {}
    for day, town, seats in (*session.execute(booked), *session.execute(offered)):
        counted[day, town] = counted.get((day, town), 0) + seats
    return counted
