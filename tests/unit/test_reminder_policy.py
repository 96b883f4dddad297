"""When a reminder comes: months of every length, days off, her hour, and never in the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, strategies as st

from backend.kernel.clock import SHANGHAI, local, today
from backend.kernel.quiet import NIGHT
from backend.reminders.policy import Rhythm, is_silent, moment, months_after, planned, tell_at
from config.calendar_data import load_calendar

CALENDAR = load_calendar()
EVERY_THREE = Rhythm(date(2026, 11, 24), 3, 10, None)


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def next_of(rhythm: Rhythm, now: datetime) -> date:
    return planned(rhythm, now=now, calendar=CALENDAR)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 5, 15), 0, date(2026, 5, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_months_end_where_the_month_ends(day: date, count: int, expected: date) -> None:
    assert months_after(day, count) == expected


def test_a_short_month_shortens_only_its_own_reminder() -> None:
    monthly = Rhythm(date(2026, 12, 31), 1, 10, None)
    days = [next_of(monthly, at(months_after(date(2026, 12, 31), n) - timedelta(days=3), 12)) for n in range(4)]
    assert days == [date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]


def test_the_first_day_counts_when_its_hour_is_still_to_come() -> None:
    assert next_of(EVERY_THREE, at(date(2026, 11, 24), 9, 59)) == date(2026, 11, 24)
    assert next_of(EVERY_THREE, at(date(2026, 11, 24))) == date(2027, 2, 24)


def test_what_was_done_is_where_the_next_counts_from() -> None:
    done = replace(EVERY_THREE, done_on=date(2026, 11, 20))
    assert next_of(done, at(date(2026, 11, 20), 15)) == date(2027, 2, 20)
    assert next_of(done, at(date(2027, 6, 1))) == date(2027, 8, 20)


def test_a_first_day_long_past_gives_the_next_and_no_old_one() -> None:
    assert next_of(Rhythm(date(2025, 12, 1), 3, 8, None), at(date(2026, 11, 23))) == date(2026, 12, 1)


def test_days_off_move_to_the_next_working_day() -> None:
    assert moment(date(2026, 10, 1), 9, CALENDAR) == at(date(2026, 10, 8), 9)
    assert moment(date(2026, 11, 22), 9, CALENDAR) == at(date(2026, 11, 23), 9)
    assert moment(date(2026, 10, 10), 9, CALENDAR) == at(date(2026, 10, 10), 9)  # a Saturday that is worked


def test_what_has_passed_untold_comes_as_soon_as_it_may() -> None:
    day = date(2026, 11, 24)
    ask = {"calendar": CALENDAR}
    assert tell_at(day, 10, now=at(day, 9), **ask) == at(day)
    assert tell_at(day, 10, now=at(day, 15, 5), **ask) == at(day, 15, 5)
    assert tell_at(day, 10, now=at(day, 21), **ask) == at(date(2026, 11, 25))
    assert tell_at(day, 10, now=at(date(2026, 11, 25), 8), **ask) == at(date(2026, 11, 25))
    assert tell_at(day, 10, now=at(date(2026, 11, 28), 12), **ask) == at(date(2026, 11, 30))


def test_two_years_of_silence_are_over_on_the_day() -> None:
    ask = {"silent_months": 24}
    assert not is_silent(date(2026, 11, 23), on=date(2028, 11, 22), **ask)
    assert is_silent(date(2026, 11, 23), on=date(2028, 11, 23), **ask)


moments = st.integers(0, 2 * 365 * 86400).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(0, seconds))
days = st.dates(date(2025, 1, 1), date(2028, 1, 1))


@given(days, st.integers(1, 12), st.integers(8, 20), st.none() | days, moments)
def test_it_is_always_to_come_in_her_hour_on_a_working_day(
    start: date, months: int, hour: int, done: date | None, now: datetime
) -> None:
    rhythm = Rhythm(start, months, hour, done)
    day = next_of(rhythm, now)
    coming = moment(day, hour, CALENDAR)
    assert coming > now
    assert local(coming).hour == hour
    assert CALENDAR.is_workday(today(coming))
    base, least = (done, 1) if done else (start, 0)
    assert day in [months_after(base, turn * months) for turn in range(least, 60)]
    earlier = [months_after(base, turn * months) for turn in range(least, 60)]
    assert all(moment(one, hour, CALENDAR) <= now for one in earlier if one < day)


@given(days, st.integers(8, 20), moments)
def test_it_is_never_told_in_the_past_at_night_or_on_a_day_off(day: date, hour: int, now: datetime) -> None:
    coming = tell_at(day, hour, now=now, calendar=CALENDAR)
    assert coming >= now
    assert local(coming).hour >= hour
    assert not NIGHT.holds(coming)
    assert CALENDAR.is_workday(today(coming))
    assert today(coming) >= day
    assert tell_at(day, hour, now=coming, calendar=CALENDAR) == coming
