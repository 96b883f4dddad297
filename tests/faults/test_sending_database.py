"""MariaDB killed and started again while a batch of text messages is being sent."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from ops.migrate import upgrade
from tests import sending
from tests.house import House, house
from tests.servers import MariaDb

MANY, DEATHS = 400, 2


@pytest.fixture
def own_server() -> Iterator[MariaDb]:
    with MariaDb(durable=True) as server:
        yield server


@pytest.fixture
def home(own_server: MariaDb, redis_url: str) -> Iterator[House]:
    url = own_server.url("sending")
    upgrade(url)
    with house(url, redis_url) as found:
        yield found


@pytest.mark.slow
def test_restarted_database_in_mid_batch_leaves_each_message_sent_once(home: House, own_server: MariaDb) -> None:
    keys = home.leave(100, MANY)
    with home.running():
        for death in range(DEATHS):
            assert home.some_sent(MANY * (death + 1) / 4)
            own_server.kill()
            time.sleep(0.5)
            own_server.start()
        assert home.all_ended()
    assert sorted(home.sent()) == sorted(keys)
    assert sending.fates(home.runtime) == {"sent": MANY}
