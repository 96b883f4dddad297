"""When a reminder comes: pure dates, in the calendar and on the clock of China."""

from __future__ import annotations

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from backend.kernel.clock import SHANGHAI, local, today
from backend.kernel.i18n import N_, Text
from backend.kernel.quiet import NIGHT
from backend.kernel.workdays import Calendar

DAY = timedelta(days=1)


class ReminderStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"


S = ReminderStatus
LABELS: Mapping[str, Text] = {S.ACTIVE: N_("到日子提醒"), S.PAUSED: N_("先不提醒")}
#: What she may do. No lifecycle of ``events.moves``: a move there leaves a history, and that would be a record of her.
ACTIONS: Mapping[str, tuple[str, ...]] = {
    S.ACTIVE: ("snooze", "done", "pause", "change", "stop"),
    S.PAUSED: ("resume", "done", "change", "stop"),
}


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What the days are counted from: the last time it was done, else the first day she named.

    ``hour``: of the clock in China, 8 to 20.
    """

    start_on: date
    every_months: int
    hour: int
    done_on: date | None


def months_after(day: date, count: int) -> date:
    """The same day so many months later, or the last of a month that is shorter: 31 January + 1 → 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def moment(day: date, hour: int, calendar: Calendar) -> datetime:
    """At her hour of that day, or of the first working day after it."""
    return datetime.combine(calendar.add(day - DAY, 1), time(hour), SHANGHAI)


def planned(rhythm: Rhythm, *, now: datetime, calendar: Calendar) -> date:
    """The next day of the rhythm whose moment is still to come; before holidays are looked at.

    Each is counted from the same day, so that a short month shortens only its own.
    """
    base, least = (rhythm.done_on, 1) if rhythm.done_on else (rhythm.start_on, 0)
    here = today(now)
    passed = (here.year - base.year) * 12 + here.month - base.month
    turn = max(least, passed // rhythm.every_months - 1)
    while moment(day := months_after(base, turn * rhythm.every_months), rhythm.hour, calendar) <= now:
        turn += 1
    return day


def tell_at(day: date, hour: int, *, now: datetime, calendar: Calendar) -> datetime:
    """When what is planned for a day is told: its moment, and where that has passed untold, as soon as it may be.

    Never in the past, never on a day off, never before her hour or by night.
    """
    first = moment(day, hour, calendar)
    if first > now:
        return first
    here = local(now)
    if calendar.is_workday(here.date()) and here.hour >= hour and not NIGHT.holds(now):
        return now
    return moment(here.date() if here.hour < hour else here.date() + DAY, hour, calendar)


def is_silent(seen_on: date, *, on: date, silent_months: int) -> bool:
    """Whether there has been no sign of life for so long that it ends by itself."""
    return months_after(seen_on, silent_months) <= on
