"""What rules and single days come to: the next four weeks, and whom a change hits. Saves nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.bookings import generation, rules as ruling
from backend.bookings.generation import Change
from backend.bookings.rules import DayPlan, Planned, Rules, Stretch
from backend.kernel.clock import today
from backend.kernel.workdays import Calendar
from backend.lifecycles.booking import BookingStatus as S
from backend.models.booking import Booking
from backend.models.resident import Resident
from backend.models.station import Slot

WEEKS = 4


@dataclass(frozen=True, slots=True)
class DayOutlook:
    """One day. ``why``: open, made_up, weekday, holiday, closed; ``seats`` after the cap of the day.

    ``booked``: seats somebody has at times that stay; ``moving``: at times the station no longer has.
    """

    day: date
    stretches: tuple[Stretch, ...]
    slots: int
    seats: int
    booked: int
    moving: int
    why: str
    reason: str


@dataclass(frozen=True, slots=True)
class HitBooking:
    """A coming booking whose time the station no longer has. ``since``: ``None`` while it is only a plan."""

    id: int
    code: str
    name_masked: str = field(repr=False)
    day: date
    starts_at: datetime
    ends_at: datetime
    seats: int
    status: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Crowded:
    """More is booked than there are seats now: at one time, on a day (no ``starts_at``), or of a ``town``."""

    day: date
    booked: int
    seats: int
    starts_at: datetime | None = None
    town: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """The next four weeks and whom they hit. After a change was saved ``change`` is empty: it is done."""

    days: list[DayOutlook]
    hit: list[HitBooking]
    crowded: list[Crowded]
    change: Change


def look(
    session: Session,
    calendar: Calendar,
    *,
    station: str,
    now: datetime,
    rules: Rules | None = None,
    exceptions: Mapping[date, DayPlan] | None = None,
) -> Outlook:
    """What the rules and single days of a station come to; ``rules``, ``exceptions``: as if they were these."""
    rules = rules or generation.rules_of(session, station)
    exceptional = generation.exceptions(session, station, today(now)) if exceptions is None else exceptions
    slots = session.scalars(select(Slot).where(Slot.station == station, Slot.day >= today(now))).all()
    there = {row.starts_at: row for row in slots if row.starts_at > now}
    wanted = generation.plan(rules, exceptional, calendar, there, now=now)
    lost = [row for at, row in there.items() if at not in wanted and row.taken]
    return Outlook(
        _days(rules, exceptional, calendar, slots, {row.id for row in lost}, today(now)),
        _hit(session, lost, now),
        _crowded(session, station, rules, there, wanted, now) if rules else [],
        generation.compare(there, wanted, now=now),
    )


def of_days(found: Outlook, days: Collection[date]) -> Outlook:
    """The same for some days only."""
    return Outlook(
        [one for one in found.days if one.day in days],
        [one for one in found.hit if one.day in days],
        [one for one in found.crowded if one.day in days],
        found.change,
    )


def _days(
    rules: Rules | None,
    exceptional: Mapping[date, DayPlan],
    calendar: Calendar,
    slots: Iterable[Slot],
    lost: Collection[int],
    first: date,
) -> list[DayOutlook]:
    seats: dict[tuple[date, bool], int] = {}
    for row in slots:
        which = (row.day, row.id in lost)
        seats[which] = seats.get(which, 0) + row.taken - row.resting
    span = (first + timedelta(days=n) for n in range(7 * WEEKS))
    return [
        _day(rules, exceptional, calendar, day, seats.get((day, False), 0), seats.get((day, True), 0)) for day in span
    ]


def _day(
    rules: Rules | None, exceptional: Mapping[date, DayPlan], calendar: Calendar, day: date, booked: int, moving: int
) -> DayOutlook:
    stretches = tuple(ruling.day_stretches(rules, exceptional, calendar, day)) if rules else ()
    planned = ruling.plan_day(rules, stretches, day) if rules else []
    return DayOutlook(
        day=day,
        stretches=stretches,
        slots=len(planned),
        seats=min(sum(slot.capacity for slot in planned), rules.daily_cap if rules else 0),
        booked=booked,
        moving=moving,
        why=_why(exceptional, calendar, day, stretches),
        reason=exceptional[day].reason if day in exceptional else "",
    )


def _why(exceptional: Mapping[date, DayPlan], calendar: Calendar, day: date, stretches: tuple[Stretch, ...]) -> str:
    if day in exceptional:
        return "made_up" if stretches else "closed"
    if stretches:
        return "open"
    return "holiday" if day in calendar.holidays else "weekday"


def _hit(session: Session, lost: list[Slot], now: datetime) -> list[HitBooking]:
    """Bookings and running holds at times that are no more; who has checked in is there already."""
    if not lost:
        return []
    since = {row.id: row.withdrawn_at for row in lost}
    held = (Booking.status == S.HELD) & (Booking.held_until > now)
    query = select(Booking, Resident.name_masked).join(Resident, Resident.id == Booking.resident_id, isouter=True)
    query = query.where(Booking.slot_id.in_(since), or_(Booking.status == S.CONFIRMED, held))
    return [
        HitBooking(
            id=row.id,
            code=row.code,
            name_masked=name or "",
            day=row.day,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            seats=row.seats,
            status=row.status,
            since=since[row.slot_id],
        )
        for row, name in session.execute(query.order_by(Booking.starts_at, Booking.id))
    ]


def _crowded(
    session: Session,
    station: str,
    rules: Rules,
    there: Mapping[datetime, Slot],
    wanted: Mapping[datetime, Planned],
    now: datetime,
) -> list[Crowded]:
    found: list[Crowded] = []
    by_day: dict[date, int] = {}
    for at, slot in wanted.items():
        booked = there[at].taken - there[at].resting if at in there else 0
        by_day[slot.day] = by_day.get(slot.day, 0) + booked
        if booked > slot.capacity:
            found.append(Crowded(slot.day, booked, slot.capacity, starts_at=at))
    found += [Crowded(day, booked, rules.daily_cap) for day, booked in by_day.items() if booked > rules.daily_cap]
    by_town = generation.booked_by_town(session, station, today(now)) if rules.town_quotas else {}
    for (day, town), booked in by_town.items():
        if day in by_day and booked > rules.town_quotas.get(town, booked):
            found.append(Crowded(day, booked, rules.town_quotas[town], town=town))
    return sorted(found, key=lambda one: (one.day, one.town, one.starts_at is not None, one.starts_at or now))
