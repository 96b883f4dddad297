"""Leases: two engines, one meaning."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.db import Database
from backend.events import leasing, outbox
from backend.events.leasing import Leased, LeaseLost
from backend.models.outbox import Outbox
from tests.clock import MONDAY

LATER = MONDAY + timedelta(minutes=1)


@pytest.fixture(params=["sqlite_database", "database"])
def db(request: pytest.FixtureRequest) -> Database:
    """Both engines."""
    found: Database = request.getfixturevalue(request.param)
    return found


def fill(db: Database, number: int, *, topic: str = "t", due_at: datetime = MONDAY) -> None:
    def add(session: Any) -> None:
        for n in range(number):
            key = f"{topic}:{n}"
            outbox.add(session, topic=topic, subject_id=n, dedupe_key=key, now=MONDAY, due_at=due_at)

    db.transact(add)


def lease(db: Database, *, limit: int = 10, now: datetime = MONDAY, beat: datetime = MONDAY) -> list[Leased]:
    return db.transact(leasing.lease, topic="t", now=now, beat=beat, seconds=5, limit=limit)


def rows(db: Database) -> list[Outbox]:
    with db.reading() as session:
        found = list(session.scalars(select(Outbox).order_by(Outbox.id)))
        session.expunge_all()
    return found


def test_lease_takes_due_rows_oldest_first_and_once(db: Database) -> None:
    fill(db, 5)
    first, second, third = lease(db, limit=3), lease(db, limit=3), lease(db)
    assert [row.subject_id for row in first + second] == [0, 1, 2, 3, 4]
    assert not third
    assert {row.attempts for row in first} == {1}


def test_lease_leaves_what_is_not_due(db: Database) -> None:
    fill(db, 1, due_at=LATER)
    assert not lease(db)
    assert len(lease(db, now=LATER)) == 1


def test_due_topics_are_those_with_due_rows_or_expired_leases(db: Database) -> None:
    fill(db, 1)
    fill(db, 1, topic="later", due_at=LATER)

    def found(beat: datetime) -> set[str]:
        with db.reading() as session:
            return leasing.due_topics(session, topics=("t", "later", "none"), now=MONDAY, beat=beat)

    assert found(MONDAY) == {"t"}
    lease(db)
    assert found(MONDAY) == set()
    assert found(LATER) == {"t"}


def test_finish_after_the_lease_was_taken_over_changes_nothing(db: Database) -> None:
    fill(db, 2)
    slow = lease(db)
    assert db.transact(leasing.recover, topic="t", beat=LATER, again=True) == 2
    quick = lease(db, beat=LATER)
    assert db.transact(leasing.finish, slow, now=LATER) == 0
    assert db.transact(leasing.finish, quick, now=LATER) == 2
    with pytest.raises(LeaseLost):
        db.transact(leasing.take, quick, now=LATER)


def test_a_lease_that_still_holds_is_not_recovered(db: Database) -> None:
    fill(db, 1)
    lease(db)
    assert db.transact(leasing.recover, topic="t", beat=MONDAY + timedelta(seconds=4), again=True) == 0


def test_retry_waits_each_interval_then_gives_up(db: Database) -> None:
    fill(db, 1)
    now, waits = MONDAY, []
    for _ in range(3):
        (row,) = lease(db, now=now)
        alive = db.transact(leasing.retry, row, error="Timeout", intervals=(10, 100), now=now)
        waits.append((rows(db)[0].due_at - now).total_seconds())
        now = rows(db)[0].due_at
    assert 8 <= waits[0] <= 12
    assert 80 <= waits[1] <= 120
    assert not alive
    assert rows(db)[0].status == "dead"
    assert rows(db)[0].attempts == 3


def test_release_does_not_count_the_attempt(db: Database) -> None:
    fill(db, 1)
    db.transact(leasing.release, lease(db))
    assert (rows(db)[0].status, rows(db)[0].attempts, rows(db)[0].lease_token) == ("due", 0, None)


@pytest.mark.parametrize(("again", "status"), [(True, "due"), (False, "dead")])
def test_a_row_found_sending_goes_again_only_where_that_is_declared(db: Database, again: bool, status: str) -> None:
    fill(db, 1)
    db.transact(leasing.mark_sending, lease(db))
    db.transact(leasing.recover, topic="t", beat=LATER, again=again)
    assert rows(db)[0].status == status


def test_a_row_that_kills_its_worker_each_time_dies(db: Database) -> None:
    fill(db, 1)
    beat = MONDAY
    for _ in range(leasing.CRASHES):
        assert len(lease(db, beat=beat)) == 1
        beat += timedelta(seconds=6)
        db.transact(leasing.recover, topic="t", beat=beat, again=True)
    assert rows(db)[0].status == "dead"


def test_replay_makes_the_dead_due_again(db: Database) -> None:
    fill(db, 1)
    (row,) = lease(db)
    db.transact(leasing.dead, row, error="SmsRefused")
    assert db.transact(leasing.replay, now=LATER, topic="t") == 1
    assert (rows(db)[0].status, rows(db)[0].attempts, rows(db)[0].last_error) == ("due", 0, "SmsRefused")


def test_purge_removes_only_old_done_rows(db: Database) -> None:
    fill(db, 3)
    taken = lease(db, limit=2)
    db.transact(leasing.finish, taken[:1], now=MONDAY)
    db.transact(leasing.finish, taken[1:], now=LATER)
    assert db.transact(leasing.purge, before=LATER, limit=10) == 1
    assert [row.subject_id for row in rows(db)] == [1, 2]


def test_parallel_leases_share_the_rows(database: Database) -> None:
    fill(database, 200)
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda _: lease(database, limit=25), range(8)))
    taken = [row.subject_id for batch in batches for row in batch]
    assert len(taken) == len(set(taken)) == 200
