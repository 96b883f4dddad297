"""Working days against the State Council's notice, a peer's data and a slow obvious count."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given, settings, strategies as st

from backend.kernel.workdays import Calendar
from config.calendar_data import load_calendar

CALENDAR = load_calendar()
DAYS = st.dates(date(2025, 6, 1), date(2028, 6, 1))
DAY = timedelta(days=1)


def slow_is_workday(calendar: Calendar, day: date) -> bool:
    return day in calendar.workdays or (day.weekday() < 5 and day not in calendar.holidays)


def slow_add(calendar: Calendar, day: date, count: int) -> date:
    step = DAY if count > 0 else -DAY
    left = abs(count)
    while left:
        day += step
        left -= slow_is_workday(calendar, day)
    return day


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    holidays = draw(st.frozensets(DAYS, max_size=40))
    workdays = frozenset(d for d in draw(st.frozensets(DAYS, max_size=20)) if d.weekday() >= 5) - holidays
    return Calendar(holidays, workdays, frozenset({2026}))


def test_every_day_of_2026_agrees_with_chinesecalendar() -> None:
    days = [date(2026, 1, 1) + n * DAY for n in range(365)]
    assert [d for d in days if CALENDAR.is_workday(d) != chinese_calendar.is_workday(d)] == []


@given(calendars(), DAYS, st.integers(-120, 120))
@settings(max_examples=200, deadline=None)
def test_add_equals_walking_day_by_day(calendar: Calendar, day: date, count: int) -> None:
    assert calendar.add(day, count) == slow_add(calendar, day, count)


@given(calendars(), DAYS, DAYS)
@settings(max_examples=200, deadline=None)
def test_between_equals_counting_day_by_day(calendar: Calendar, one: date, other: date) -> None:
    start, end = min(one, other), max(one, other)
    walked = sum(slow_is_workday(calendar, start + n * DAY) for n in range(1, (end - start).days + 1))
    assert calendar.between(start, end) == walked == -calendar.between(end, start)


@given(calendars(), DAYS)
@settings(max_examples=200, deadline=None)
def test_is_workday_equals_the_definition(calendar: Calendar, day: date) -> None:
    assert calendar.is_workday(day) == slow_is_workday(calendar, day)


def test_deadline_before_spring_festival_skips_nine_days_and_counts_the_make_up_saturday() -> None:
    assert CALENDAR.add(date(2026, 2, 13), 3) == date(2026, 2, 25)


def test_unknown_year_falls_back_to_weekdays_and_says_so() -> None:
    assert (CALENDAR.knows(2026), CALENDAR.knows(2027)) == (True, False)
    assert CALENDAR.is_workday(date(2027, 1, 1))
    assert CALENDAR.add(date(2026, 12, 31), 2) == date(2027, 1, 4)


@pytest.mark.parametrize(
    ("workdays", "words"),
    [("2026-01-05", "不是周末"), ("2026-01-03", "又放假又补班"), ("2027-01-02", "都要在 2026 年里")],
)
def test_loader_refuses_a_mistyped_notice(tmp_path: Path, workdays: str, words: str) -> None:
    text = f"year = 2026\nworkdays = [{workdays}]\n[[holidays]]\nfirst = 2026-01-01\nlast = 2026-01-03\n"
    (tmp_path / "2026.toml").write_text(text)
    with pytest.raises(ValueError, match=words):
        load_calendar(tmp_path)
