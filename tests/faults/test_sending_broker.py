"""Text messages while Redis forgets everything, is gone, or is there twice over: each goes out once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from backend.runtime import Runtime
from config.settings import Settings
from tests import sending
from tests.servers import Broker, MariaDb
from tests.workers.processes import RELAY, WORKER, Process, eventually

#: The long form, with 10,000 and a whole minute, is ``make drill DRILL=messages``.
MANY, FEW, AWAY = 1000, 150, 5.0


@pytest.fixture
def broker_of_mine() -> Iterator[Broker]:
    with Broker() as server:
        yield server


@pytest.fixture
def house(mariadb: MariaDb, broker_of_mine: Broker) -> Iterator[tuple[Settings, Runtime]]:
    """An installation by day, whose broker may be killed."""
    with sending.installation(mariadb, broker_of_mine) as (settings, runtime):
        sending.day(settings)
        yield settings, runtime
    mariadb.drop("sending")


def processes(stack: ExitStack, settings: Settings, *modules: tuple[str, ...]) -> list[Process]:
    return [stack.enter_context(Process(settings, *module, more=sending.ENVIRONMENT)) for module in modules]


def all_sent_once(settings: Settings, runtime: Runtime, keys: list[str], *, seconds: float = 60) -> bool:
    """Whether in time everything is sent, and nothing of it twice."""
    done = eventually(
        lambda: len(sending.sent(settings)) >= len(keys) and not sending.unfinished(runtime), seconds=seconds
    )
    return done and sorted(key for key, _ in sending.sent(settings)) == sorted(keys)


@pytest.mark.slow
def test_emptied_redis_loses_nothing_of_what_is_queued(house: tuple[Settings, Runtime]) -> None:
    settings, runtime = house
    keys = sending.leave(runtime, sending.people(runtime, 100), MANY)
    with ExitStack() as stack:
        processes(stack, settings, RELAY, WORKER)
        for part in (0, 0.3, 0.6):
            assert eventually(lambda part=part: len(sending.sent(settings)) > part * MANY)
            runtime.redis.flushall()
        assert all_sent_once(settings, runtime, keys)
    assert sending.fates(runtime) == {"sent": MANY}


@pytest.mark.slow
def test_stopped_redis_delays_messages_by_seconds_only(house: tuple[Settings, Runtime], broker_of_mine: Broker) -> None:
    settings, runtime = house
    readers = sending.people(runtime, 30)
    with ExitStack() as stack:
        processes(stack, settings, RELAY, WORKER)
        keys = sending.leave(runtime, readers, FEW, mark="there")
        assert eventually(lambda: len(sending.sent(settings)) > 0)
        broker_of_mine.kill()
        keys += sending.leave(runtime, readers, FEW, mark="gone")
        time.sleep(AWAY)
        assert len(sending.sent(settings)) > FEW, "nobody works while Redis is away"
        broker_of_mine.start()
        keys += sending.leave(runtime, readers, FEW, mark="back")
        assert all_sent_once(settings, runtime, keys)


@pytest.mark.slow
def test_relay_and_worker_started_twice_send_once(house: tuple[Settings, Runtime]) -> None:
    settings, runtime = house
    with ExitStack() as stack:
        processes(stack, settings, RELAY, RELAY, WORKER, WORKER)
        readers = sending.people(runtime, 30)
        keys = [key for part in range(4) for key in sending.leave(runtime, readers, FEW // 2, mark=f"part{part}")]
        assert all_sent_once(settings, runtime, keys)
        time.sleep(1.5)
    assert len(sending.sent(settings)) == len(keys)
