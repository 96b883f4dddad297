"""The clock of a case against a slow, obvious one that walks day by day; and the days on which clocks go wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from backend.applications import policy
from backend.kernel.clock import SHANGHAI, today
from backend.kernel.workdays import Calendar
from config.calendar_data import load_calendar
from tests.unit.test_workdays import CALENDAR, calendars, slow_is_workday

DAY = timedelta(days=1)
STARTS = st.dates(date(2025, 9, 1), date(2027, 6, 1))


def slow_due(calendar: Calendar, start: date, promised: int, paused: set[date]) -> date:
    """Walk: every working day after the start counts, unless the clock stood still on it."""
    day, left = start, promised
    while left:
        day += DAY
        left -= slow_is_workday(calendar, day) and day not in paused
    return day


@st.composite
def stories(draw: st.DrawFn) -> tuple[Calendar, date, int, list[tuple[date, date]]]:
    """A case: calendar, first day, promised days, and pauses one after the other, each begun while time was left."""
    calendar, start, promised = draw(calendars()), draw(STARTS), draw(st.integers(1, 30))
    pauses: list[tuple[date, date]] = []
    paused: set[date] = set()
    since = start
    for _ in range(draw(st.integers(0, 4))):
        due = slow_due(calendar, start, promised, paused)
        begun = draw(st.dates(since, due - DAY))
        ended = begun + draw(st.integers(0, 40)) * DAY
        pauses.append((begun, ended))
        paused |= {begun + n * DAY for n in range(1, (ended - begun).days + 1)}
        since = ended
        if since >= slow_due(calendar, start, promised, paused):
            break
    return calendar, start, promised, pauses


@given(stories())
@settings(max_examples=200, deadline=None)
def test_pauses_move_the_last_day_as_walking_day_by_day_does(
    story: tuple[Calendar, date, int, list[tuple[date, date]]],
) -> None:
    calendar, start, promised, pauses = story
    due = calendar.add(start, promised)
    paused: set[date] = set()
    for begun, ended in pauses:
        moved = policy.prolonged(
            calendar, due_on=due, legal_due_on=due, promised_days=promised, paused_on=begun, today=ended
        )
        due = moved.due_on
        paused |= {begun + n * DAY for n in range(1, (ended - begun).days + 1)}
        assert moved.legal_due_on == due
    assert due == slow_due(calendar, start, promised, paused)


@given(calendars(), STARTS, st.integers(1, 20), st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=200, deadline=None)
def test_a_pause_keeps_what_was_left_or_late(
    calendar: Calendar, start: date, promised: int, wait: int, pause: int
) -> None:
    """Lateness neither grows nor shrinks in a pause, and whoever was in time is in time when the clock goes on."""
    due, begun = calendar.add(start, promised), start + wait * DAY
    ended = begun + pause * DAY
    moved = policy.prolonged(
        calendar, due_on=due, legal_due_on=due, promised_days=promised, paused_on=begun, today=ended
    )
    left = calendar.between(begun, due)
    if begun <= due:
        assert moved.due_on >= ended
        assert calendar.between(ended, moved.due_on) == left or (left == 0 and not calendar.is_workday(ended))
    else:
        assert calendar.between(ended, moved.due_on) == left


@given(calendars(), STARTS, st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_the_warnings_stand_where_60_percent_are_used_up_and_a_day_before(
    calendar: Calendar, start: date, promised: int
) -> None:
    due = calendar.add(start, promised)
    found = {one.kind: one.at for one in policy.warnings(calendar, due, promised)}
    near = found["deadline_near"].astimezone(SHANGHAI)
    assert (near.hour, near.minute) == (8, 0)
    assert calendar.between(near.date(), due) == 1
    soon = found.get("deadline_soon")
    if soon is not None:
        used = calendar.between(start, soon.astimezone(SHANGHAI).date())
        assert used * 10 >= promised * 6 > (used - 1) * 10
        assert soon < near
    else:
        assert promised < 5, "both are one of short promises only"


@given(calendars(), STARTS, st.integers(1, 20), st.integers(0, 30), st.integers(0, 30))
@settings(max_examples=200, deadline=None)
def test_a_projection_is_what_a_resumption_on_that_day_gives(
    calendar: Calendar, start: date, promised: int, since: int, left: int
) -> None:
    due, paused = calendar.add(start, promised), start
    now, last = paused + since * DAY, paused + (since + left) * DAY
    found = policy.projected(calendar, due_on=due, paused_on=paused, today=now, answer_by=last)
    for day, projected in ((now, found.if_today), (last, found.if_last_day)):
        moved = policy.prolonged(
            calendar, due_on=due, legal_due_on=due, promised_days=promised, paused_on=paused, today=day
        )
        assert projected == moved.due_on


def test_a_pause_within_one_day_moves_nothing() -> None:
    moved = policy.prolonged(
        CALENDAR,
        due_on=date(2026, 11, 27),
        legal_due_on=date(2026, 12, 18),
        promised_days=5,
        paused_on=date(2026, 11, 23),
        today=date(2026, 11, 23),
    )
    assert (moved.due_on, moved.legal_due_on) == (date(2026, 11, 27), date(2026, 12, 18))


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # the Saturday before the Spring Festival is worked
        (date(2026, 2, 27), 1, date(2026, 2, 28)),  # and the one after it
        (date(2026, 9, 19), 1, date(2026, 9, 20)),  # a Sunday that is worked
        (date(2026, 10, 9), 2, date(2026, 10, 12)),  # Saturday 10 October counts, Sunday does not
        (date(2026, 12, 31), 3, date(2027, 1, 5)),  # the year after, whose holidays nobody knows yet
        (date(2025, 12, 31), 1, date(2026, 1, 4)),  # New Year's days off, then a Sunday that is worked
    ],
)
def test_make_up_days_and_the_turn_of_the_year(start: date, days: int, due: date) -> None:
    assert load_calendar().add(start, days) == due


@pytest.mark.parametrize(("minute", "day"), [(59, 23), (60, 24)])
def test_the_day_changes_at_midnight_in_china(minute: int, day: int) -> None:
    moment = datetime(2026, 11, 23, 15, 0, tzinfo=UTC) + timedelta(minutes=minute)
    assert today(moment).day == day


def test_a_case_handed_in_before_midnight_counts_from_that_day() -> None:
    last_minute, next_minute = (datetime(2026, 11, 27, 15, m, 30, tzinfo=UTC) for m in (59, 0))
    assert CALENDAR.add(today(last_minute), 1) == CALENDAR.add(today(next_minute), 1) == date(2026, 11, 30)
    assert policy.end_of_day(date(2026, 12, 31)) == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
