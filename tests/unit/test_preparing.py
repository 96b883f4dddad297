"""From when on not to eat, and what stands on whose list."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from backend.bookings import policy
from backend.bookings.preparing import Fasting, fasting, last_meal
from backend.kernel.clock import SHANGHAI, local
from backend.kernel.quiet import NIGHT


def visit(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 30, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("starts_at", "hours", "wanted"),
    [
        (visit(6, 30), 8, Fasting(date(2026, 11, 29), "22:30", 8)),
        (visit(8), 10, Fasting(date(2026, 11, 29), "22:00", 10)),
        (visit(8), 8, Fasting(date(2026, 11, 29), "", 8)),
        (visit(10, 30), 8, Fasting(date(2026, 11, 29), "", 8)),
        (visit(14), 8, Fasting(date(2026, 11, 30), "06:00", 8)),
        (visit(8), 0, None),
    ],
)
def test_fasting_begins_so_many_hours_before(starts_at: datetime, hours: int, wanted: Fasting | None) -> None:
    assert fasting(starts_at, hours) == wanted


@given(st.integers(0, 24 * 60), st.integers(1, 16))
def test_fasting_is_never_shorter_than_asked_and_never_much_longer(minutes: int, hours: int) -> None:
    starts_at = visit(0) + timedelta(minutes=minutes)
    found = fasting(starts_at, hours)
    assert found is not None
    clock = datetime.strptime(found.at or "00:00", "%H:%M").time()  # noqa: DTZ007 - a time of day alone
    day = found.on if found.at else found.on + timedelta(days=1)
    length = starts_at - datetime.combine(day, clock, SHANGHAI)
    assert timedelta(hours=hours) <= length <= timedelta(hours=hours + 5)


def test_the_last_meal_is_said_with_its_evening() -> None:
    assert str(last_meal(Fasting(date(2026, 11, 29), "22:30", 8), "11 月 29 日")).startswith("11 月 29 日 22:30 以后")
    assert str(last_meal(Fasting(date(2026, 11, 29), "", 8), "11 月 29 日")).startswith("11 月 29 日晚上 12 点以后")


@given(st.integers(0, 24 * 60 - 1), st.sampled_from(policy.REMIND))
def test_reminders_go_out_by_day_and_before_the_visit(minutes: int, before: timedelta) -> None:
    starts_at = visit(0) + timedelta(minutes=minutes)
    due = policy.remind_at(starts_at, before)
    assert not NIGHT.holds(due)
    assert starts_at - before - timedelta(hours=12) <= due <= starts_at - before
    assert local(due).tzinfo is SHANGHAI
