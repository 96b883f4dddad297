"""MariaDB killed and started again while a batch of text messages is being sent."""

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

MANY, DEATHS = 600, 2


@pytest.fixture
def own_server() -> Iterator[MariaDb]:
    with MariaDb(durable=True) as server:
        yield server


@pytest.fixture
def house(own_server: MariaDb, broker: Broker) -> Iterator[tuple[Settings, Runtime]]:
    with sending.installation(own_server, broker) as (settings, runtime):
        runtime.redis.flushdb()
        sending.day(settings)
        yield settings, runtime


@pytest.mark.slow
def test_restarted_database_in_mid_batch_leaves_each_message_sent_once(
    house: tuple[Settings, Runtime], own_server: MariaDb
) -> None:
    settings, runtime = house
    keys = sending.leave(runtime, sending.people(runtime, 100), MANY)
    with ExitStack() as stack:
        for module in (RELAY, WORKER):
            stack.enter_context(Process(settings, *module, more=sending.ENVIRONMENT))
        for death in range(DEATHS):
            assert eventually(lambda death=death: len(sending.sent(settings)) > MANY * (death + 1) / 4)
            own_server.kill()
            time.sleep(0.5)
            own_server.start()
        assert eventually(lambda: sending.unfinished(runtime) == 0, seconds=60)
    sent = [key for key, _ in sending.sent(settings)]
    assert sending.twice(sent) == []
    assert set(keys) == set(sent)
