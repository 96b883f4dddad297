"""What processes share about a provider: room in this second, and a rest after failures; on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from backend.db import Database
from backend.notifications import providers
from backend.notifications.providers import FAILURES, REST, Grant
from tests.clock import MONDAY

SECOND = timedelta(seconds=1)


@pytest.fixture(params=["sqlite_database", "database"])
def db(request: pytest.FixtureRequest) -> Database:
    """Both engines."""
    found: Database = request.getfixturevalue(request.param)
    return found


def take(db: Database, wanted: int, *, limit: int = 10, beat: datetime = MONDAY) -> Grant:
    return db.transact(providers.take, "sms", wanted=wanted, limit=limit, beat=beat)


def note(db: Database, *answers: bool, beat: datetime = MONDAY) -> bool:
    return db.transact(providers.note, "sms", answers=answers, beat=beat)


def resting(db: Database, beat: datetime = MONDAY) -> bool:
    with db.reading() as session:
        return [one.resting for one in providers.states(session, beat=beat)] == [True]


def test_a_second_has_room_for_so_many_and_the_next_one_again(db: Database) -> None:
    assert [take(db, 4).calls for _ in range(4)] == [4, 4, 2, 0]
    assert take(db, 40, beat=MONDAY + SECOND).calls == 10


def test_a_clock_that_was_set_back_counts_anew(db: Database) -> None:
    take(db, 10)
    assert take(db, 3, beat=MONDAY - timedelta(hours=1)).calls == 3


def test_many_at_once_never_get_more_than_the_second_has(database: Database) -> None:
    take(database, 0)
    with ThreadPoolExecutor(8) as pool:
        got = [grant.calls for grant in pool.map(lambda _: take(database, 3, limit=20), range(16))]
    assert sum(got) == 20


def test_five_failures_in_a_row_open_the_circuit_for_every_process(db: Database) -> None:
    take(db, 1)
    assert not note(db, *[False] * (FAILURES - 1))
    assert note(db, False)
    assert take(db, 5, beat=MONDAY + 10 * SECOND) == Grant(0, REST - 10 * SECOND)
    assert resting(db)


def test_one_success_between_failures_keeps_it_closed(db: Database) -> None:
    take(db, 1)
    assert not note(db, False, False, False, True, False, False)
    assert not note(db, False, False)
    assert take(db, 5).calls == 5


def test_after_its_rest_one_call_tries_and_the_others_wait(db: Database) -> None:
    take(db, 1)
    note(db, *[False] * FAILURES)
    over = MONDAY + REST
    assert [take(db, 5, beat=over).calls for _ in range(3)] == [1, 0, 0]
    note(db, True, beat=over)
    assert take(db, 5, beat=over).calls == 5


def test_a_failed_trial_means_another_rest(db: Database) -> None:
    take(db, 1)
    note(db, *[False] * FAILURES)
    over = MONDAY + REST
    take(db, 1, beat=over)
    note(db, False, beat=over)
    assert take(db, 1, beat=over + REST - SECOND).calls == 0
    assert take(db, 1, beat=over + REST).calls == 1


def test_a_trial_whose_worker_died_is_tried_again_after_a_rest(db: Database) -> None:
    take(db, 1)
    note(db, *[False] * FAILURES)
    take(db, 1, beat=MONDAY + REST)
    assert take(db, 1, beat=MONDAY + 2 * REST).calls == 1


def test_only_one_of_many_gets_the_trial(database: Database) -> None:
    take(database, 1)
    note(database, *[False] * FAILURES)
    with ThreadPoolExecutor(8) as pool:
        got = [grant.calls for grant in pool.map(lambda _: take(database, 3, beat=MONDAY + REST), range(8))]
    assert sum(got) == 1
