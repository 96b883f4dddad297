"""Sweeps of the tip line: investigators hear once a day that tips wait, whatever the clock and the processes do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from backend.models.desk import StaffMessage
from backend.models.staff import Staff
from backend.models.tip import Tip, TipState
from backend.runtime import Runtime
from tests import investigating
from workers import tips

#: Monday, 9:00 in China and a minute before.
NINE, EARLY = datetime(2026, 11, 23, 1, tzinfo=UTC), datetime(2026, 11, 23, 0, 59, tzinfo=UTC)


def told(at: Runtime) -> list[tuple[int, dict[str, Any]]]:
    with at.db.reading() as session:
        rows = session.execute(select(StaffMessage.staff_id, StaffMessage.facts).order_by(StaffMessage.id))
        return [(row.staff_id, row.facts) for row in rows]


@pytest.fixture
def at(runtime: Runtime) -> Runtime:
    """One investigator with a key, and a tip that came in the night."""
    runtime.clock.set(EARLY)  # type: ignore[attr-defined]
    runtime.db.transact(lambda session: session.add(_staff(runtime.clock())))
    investigating.appoint(runtime.tips, investigating.enrol(runtime.tips, 1))
    investigating.file(runtime.tips)
    return runtime


def _staff(now: datetime) -> Staff:
    known = {"id": 1, "username": "x", "name": "核查员甲1", "post": "核查岗", "role": "investigator"}
    place = {"level": "county", "region": investigating.COUNTY}
    return Staff(**known, **place, password_hash="-", created_at=now, updated_at=now)


def test_digest_comes_once_at_its_hour_with_counts_only(at: Runtime) -> None:
    tips.tell(at)
    assert told(at) == []
    at.clock.set(NINE)  # type: ignore[attr-defined]
    for _ in range(3):
        tips.tell(at)
    assert told(at) == [(1, {"waiting": 1, "overdue": 0})]


def test_digest_comes_once_though_the_clock_jumps(at: Runtime) -> None:
    for moment in (NINE, EARLY, NINE + timedelta(hours=9), NINE, NINE + timedelta(days=1), NINE):
        at.clock.set(moment)  # type: ignore[attr-defined]
        tips.tell(at)
    assert len(told(at)) == 2


def test_digest_is_told_once_by_two_relays_and_after_a_kill_in_between(at: Runtime) -> None:
    at.clock.set(NINE)  # type: ignore[attr-defined]
    tips.tell(at)
    at.tips.db.transact(lambda session: session.delete(session.get_one(TipState, "digest")))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tips.tell, [at] * 4))
    assert len(told(at)) == 1


def test_digest_is_silent_on_days_off_and_without_anything_to_do(at: Runtime) -> None:
    at.clock.set(NINE - timedelta(days=1))  # type: ignore[attr-defined]
    tips.tell(at)
    at.clock.set(NINE)  # type: ignore[attr-defined]
    at.tips.db.transact(lambda session: session.execute(update(Tip).values(status="closed")))
    tips.tell(at)
    assert told(at) == []


@pytest.mark.parametrize("change", [{"active": False}, {"role": "reviewer"}, {"region": "370402001000"}])
def test_digest_goes_to_nobody_who_may_not_look(at: Runtime, change: dict[str, Any]) -> None:
    at.db.transact(lambda session: session.execute(update(Staff).values(**change)))
    at.clock.set(NINE)  # type: ignore[attr-defined]
    tips.tell(at)
    assert told(at) == []


def test_missed_day_raises_the_flag_and_counts_as_overdue(at: Runtime) -> None:
    at.clock.set(NINE)  # type: ignore[attr-defined]
    tips.tell(at)
    at.clock.set(NINE + timedelta(days=4))  # type: ignore[attr-defined]
    tips.escalate(at)
    tips.tell(at)
    assert told(at)[-1] == (1, {"waiting": 1, "overdue": 1})
    with at.tips.db.reading() as session:
        assert session.scalars(select(Tip.escalated_on)).one() == at.tips.today
