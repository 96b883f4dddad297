"""Offers are answered by day: how long they stand, and that none ends by night."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from backend.bookings import policy
from backend.kernel.clock import SHANGHAI
from backend.kernel.quiet import NIGHT

BEGIN = datetime(2026, 11, 1, tzinfo=SHANGHAI)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=60)).map(lambda since: BEGIN + since)
SPANS = st.timedeltas(timedelta(minutes=1), timedelta(days=20))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "closes", "until"),
    [
        (at(23, 10), at(30, 7), at(23, 12)),
        (at(23, 20), at(30, 7), at(24, 9)),
        (at(23, 20, 59), at(24, 7), None),
        (at(23, 19, 30), at(24, 7), at(23, 20, 15)),
        (at(23, 10), at(23, 11), at(23, 10, 30)),
        (at(23, 10), at(23, 10, 20), at(23, 10, 15)),
        (at(23, 10), at(23, 10, 10), None),
        (at(23, 22), at(30, 7), None),
        (at(24, 8), at(24, 12), at(24, 10)),
    ],
)
def test_an_offer_stands_two_waking_hours_or_half_of_what_is_left(
    now: datetime, closes: datetime, until: datetime | None
) -> None:
    assert policy.offer_until(now, closes) == until


@settings(max_examples=200)
@given(MOMENTS, SPANS)
def test_an_offer_ends_by_day_and_before_the_slot_closes(now: datetime, span: timedelta) -> None:
    until = policy.offer_until(now, now + span)
    if until is not None:
        assert now < until <= now + span
        assert not NIGHT.holds(until - timedelta(microseconds=1))
        assert policy.SHORTEST_OFFER <= policy.waking(now, until) <= policy.OFFER


@settings(max_examples=200)
@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=5)))
def test_waking_time_is_counted_as_it_passes(start: datetime, span: timedelta) -> None:
    end = policy.after_waking(start, span)
    assert policy.waking(start, end) == span
    assert policy.waking(start, start + span) <= span


@pytest.mark.parametrize(
    ("now", "visit", "closes", "until"),
    [
        (at(23, 10), at(30, 8), at(29, 7), at(24, 10)),
        (at(23, 10), at(24, 8), at(29, 7), at(24, 8)),
        (at(23, 10), at(30, 8), at(24, 7), at(24, 7)),
        (at(23, 22), at(30, 8), at(29, 7), at(25, 8)),
        (at(24, 8), at(24, 8), at(29, 7), None),
    ],
)
def test_another_time_is_kept_for_a_day(
    now: datetime, visit: datetime, closes: datetime, until: datetime | None
) -> None:
    assert policy.move_until(now, visit=visit, closes_at=closes) == until
