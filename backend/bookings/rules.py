"""Capacity rules and the slots that follow from them; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from backend.kernel.clock import SHANGHAI
from backend.kernel.workdays import Calendar

#: ``(from, to)`` of one stretch of opening hours, China.
Stretch = tuple[time, time]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a station. ``hours``: weekday 1–7, Monday is 1 → stretches; ``town_quotas``: seats a day."""

    hours: Mapping[int, tuple[Stretch, ...]]
    slot_minutes: int
    seats_per_slot: int
    daily_cap: int
    town_quotas: Mapping[str, int] = field(default_factory=dict)
    lead: timedelta = timedelta(hours=1)
    horizon_days: int = 30
    release: time = time(8)


@dataclass(frozen=True, slots=True)
class DayPlan:
    """One day that is not like its weekday; no stretches: closed."""

    day: date
    stretches: tuple[Stretch, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """One slot as the rules want it."""

    day: date
    starts_at: datetime
    ends_at: datetime
    capacity: int
    opens_at: datetime
    closes_at: datetime
    capped: bool
    shared: bool


def day_stretches(rules: Rules, exceptions: Mapping[date, DayPlan], calendar: Calendar, day: date) -> Sequence[Stretch]:
    """When a station is open on a day; empty when it is not. An exception wins over the weekday and the holidays."""
    if day in exceptions:
        return exceptions[day].stretches
    return () if day in calendar.holidays else rules.hours.get(day.isoweekday(), ())


def plan_day(rules: Rules, stretches: Sequence[Stretch], day: date) -> list[Planned]:
    """The slots of one open day, in order."""
    starts = list(_starts(rules, stretches, day))
    capacity = min(rules.seats_per_slot, rules.daily_cap)
    capped = capacity * len(starts) > rules.daily_cap
    opens_at = datetime.combine(day - timedelta(days=rules.horizon_days), rules.release, SHANGHAI)
    length = timedelta(minutes=rules.slot_minutes)
    return [
        Planned(day, at, at + length, capacity, opens_at, at - rules.lead, capped, bool(rules.town_quotas))
        for at in starts
    ]


def plan(
    rules: Rules, exceptions: Mapping[date, DayPlan], calendar: Calendar, first: date, last: date
) -> list[Planned]:
    """Every slot from ``first`` to ``last``."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [slot for day in days for slot in plan_day(rules, day_stretches(rules, exceptions, calendar, day), day)]


def window(rules: Rules, today: date) -> tuple[date, date]:
    """The days that have slots: today and what can be booked by the end of tomorrow."""
    return today, today + timedelta(days=rules.horizon_days + 1)


def _starts(rules: Rules, stretches: Sequence[Stretch], day: date) -> Iterator[datetime]:
    length = timedelta(minutes=rules.slot_minutes)
    for begin, end in stretches:
        at, over = datetime.combine(day, begin, SHANGHAI), datetime.combine(day, end, SHANGHAI)
        while at + length <= over:
            yield at
            at += length
