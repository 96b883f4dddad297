"""Text messages while Redis forgets everything, is gone, or is served twice over: each goes out once.

The long form, with a hundred thousand and a whole minute, is ``make drill DRILL=messages``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from backend.db import Database
from tests import sending
from tests.house import House, house
from tests.servers import Broker
from tests.workers.processes import RELAY, WORKER

MANY, FEW, AWAY = 600, 100, 5.0


@pytest.fixture
def broker_of_mine() -> Iterator[Broker]:
    with Broker() as server:
        yield server


@pytest.fixture
def home(database: Database, mariadb_url: str, broker_of_mine: Broker) -> Iterator[House]:
    with house(mariadb_url, broker_of_mine.url()) as found:
        yield found


@pytest.mark.slow
def test_emptied_redis_loses_nothing_of_what_is_queued(home: House) -> None:
    keys = home.leave(100, MANY)
    with home.running():
        for part in (0.01, 0.3, 0.6):
            assert home.some_sent(part * MANY)
            home.runtime.redis.flushall()
        assert home.all_ended()
    assert sorted(home.sent()) == sorted(keys)
    assert sending.fates(home.runtime) == {"sent": MANY}


@pytest.mark.slow
def test_stopped_redis_delays_messages_by_seconds_only(home: House, broker_of_mine: Broker) -> None:
    readers = sending.people(home.runtime, 30)
    keys = sending.leave(home.runtime, readers, FEW, mark="there")
    with home.running():
        assert home.some_sent(1)
        broker_of_mine.kill()
        keys += sending.leave(home.runtime, readers, FEW, mark="gone")
        time.sleep(AWAY)
        assert home.some_sent(FEW + 1), "nobody works while Redis is away"
        broker_of_mine.start()
        keys += sending.leave(home.runtime, readers, FEW, mark="back")
        assert home.all_ended()
    assert sorted(home.sent()) == sorted(keys)


@pytest.mark.slow
def test_relay_and_worker_started_twice_send_once(home: House) -> None:
    readers = sending.people(home.runtime, 30)
    with home.running(RELAY, RELAY, WORKER, WORKER):
        keys = [key for part in range(4) for key in sending.leave(home.runtime, readers, FEW // 2, mark=f"part{part}")]
        assert home.all_ended()
    assert sorted(home.sent()) == sorted(keys)
