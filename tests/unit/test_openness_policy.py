"""Middle, ninth tenth, working days and hidden numbers, against slow and obvious ways to reckon them."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, strategies as st

from backend.applications.facts import worked
from backend.openness.policy import FEW, HALF, NINE_TENTHS, Line, average, for_outside, per_cent, rank
from config.calendar_data import load_calendar

CALENDAR = load_calendar()
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
START = date(2026, 1, 1)


def nearest_rank(values: list[int], part: Fraction) -> int:
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


@given(st.lists(st.integers(0, 60), min_size=1, max_size=60), st.sampled_from([HALF, NINE_TENTHS]))
def test_rank_is_the_nearest_rank_of_the_sorted_list(values: list[int], part: Fraction) -> None:
    assert rank(Counter(values), part) == nearest_rank(values, part)


def test_nothing_has_no_middle_no_share_and_no_average() -> None:
    assert (rank({}, HALF), per_cent(0, 0), average({}), average({5: FEW - 1})) == (None, None, None, None)


@given(DAYS, DAYS, st.lists(st.tuples(DAYS, DAYS), max_size=4))
def test_worked_days_are_those_on_which_the_clock_ran(one: date, other: date, pauses: list[tuple[date, date]]) -> None:
    began, ended = sorted((one, other))
    stops = [(min(pair), max(pair)) for pair in pauses]
    days = (began + timedelta(days=step) for step in range(1, (ended - began).days + 1))
    slow = sum(CALENDAR.is_workday(day) and not any(start < day <= end for start, end in stops) for day in days)
    assert worked(CALENDAR, began, ended, stops) == slow


LINES = st.lists(
    st.builds(
        Line,
        place=st.text(max_size=3),
        received=st.integers(0, 12),
        decided=st.integers(0, 12),
        corrections=st.integers(0, 12),
        second_corrections=st.integers(0, 12),
    ),
    max_size=8,
)


@given(LINES)
def test_what_leaves_shows_no_small_number_and_lets_none_be_reckoned(lines: list[Line]) -> None:
    shown = for_outside(lines)
    for name in ("received", "decided"):
        before, after = ([getattr(line, name) for line in some] for some in (lines, shown))
        assert not any(value is not None and 0 < value < FEW for value in after)
        small = sum(0 < value < FEW for value in before)
        hidden = sum(value is None for value in after)
        assert hidden == small or (small == 1 and hidden == 2)
        if small == 1 and any(value >= FEW for value in before):
            assert hidden == 2


@given(LINES)
def test_without_decisions_to_tell_nothing_is_said_of_them(lines: list[Line]) -> None:
    for line in for_outside(lines):
        if line.decided is None:
            assert (line.median, line.p90, line.on_time, line.rating) == (None, None, None, None)
