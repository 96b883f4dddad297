"""The last day of a correction: within its bounds, on a working day, whatever is wished."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from backend.applications import corrections
from backend.catalogue import files
from backend.catalogue.definition import ItemDefinition
from backend.kernel.clock import today
from backend.kernel.errors import Invalid
from config.calendar_data import load_calendar
from config.consents import load_consents
from tests.people import CONFIG

CALENDAR = load_calendar()
NOWS = st.integers(0, 364 * 24 * 60).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n))
WISHES = st.integers(-20, 90)


def definition(path: Path = CONFIG / "catalogue" / "migrant-proof.toml") -> ItemDefinition:
    return files.load(path, purposes=frozenset(load_consents()), now=datetime(2026, 1, 1, tzinfo=UTC))[0]


ITEM = definition()


def slow(day: date, count: int) -> date:
    """Walked day by day."""
    while count:
        day += timedelta(days=1)
        count -= CALENDAR.is_workday(day)
    return day


@given(NOWS)
def test_without_a_wish_it_is_the_item_s_number_of_working_days(now: datetime) -> None:
    assert corrections.due_day(ITEM, CALENDAR, None, now) == slow(today(now), ITEM.correction_days)


@given(NOWS, WISHES)
def test_a_wish_is_kept_within_bounds_and_put_on_a_working_day(now: datetime, offset: int) -> None:
    wish = today(now) + timedelta(days=offset)
    first, last = slow(today(now), 3), slow(today(now), 30)
    if not first <= wish <= last:
        with pytest.raises(Invalid):
            corrections.due_day(ITEM, CALENDAR, wish, now)
        return
    due = corrections.due_day(ITEM, CALENDAR, wish, now)
    assert wish <= due <= last
    assert CALENDAR.is_workday(due)
    assert not any(CALENDAR.is_workday(wish + timedelta(days=n)) for n in range((due - wish).days))


def test_the_day_is_china_s() -> None:
    late = datetime.combine(date(2026, 11, 23), time(16), UTC)  # midnight of the 24th in China
    before = late - timedelta(seconds=1)
    assert corrections.bounds(ITEM, CALENDAR, late)[0] == date(2026, 11, 27)
    assert corrections.bounds(ITEM, CALENDAR, before)[0] == date(2026, 11, 26)
