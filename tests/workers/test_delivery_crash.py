"""A worker that dies between the provider's taking a message and our record of it: sent once, or visibly in doubt."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.db import Database
from tests import sending, tencent
from tests.house import PATIENCE, House, house
from tests.tencent import Tencent
from tests.workers.processes import RELAY, WORKER, eventually

#: Fewer than are called at once: the provider has all of them when the worker dies.
FEW = 12


@pytest.fixture
def provider() -> Iterator[Tencent]:
    with Tencent().serving() as serving:
        yield serving


@pytest.fixture
def home(database: Database, mariadb_url: str, redis_url: str, provider: Tencent) -> Iterator[House]:
    with house(mariadb_url, redis_url, provider=provider) as found:
        yield found


def killed_in_mid_call(home: House, provider: Tencent) -> list[str]:
    """Leave messages and kill the worker while it waits for answers: the provider has taken all of them."""
    provider.fail(1, [tencent.slow(4)])
    keys = home.leave(10, FEW)
    with home.running(WORKER, RELAY) as (worker, relay):
        assert eventually(lambda: len(provider.taken) == FEW, seconds=PATIENCE), worker.log()
        relay.kill()
        worker.kill_all()
    provider.fail(0)
    assert sending.run_out(home.runtime) > 0
    return keys


@pytest.mark.slow
def test_killed_worker_asks_before_anything_is_sent_again(home: House, provider: Tencent) -> None:
    keys = killed_in_mid_call(home, provider)
    with home.running():
        assert home.all_ended()
    assert provider.taken == dict.fromkeys(keys, 1)
    assert sending.fates(home.runtime) == {"sent": FEW}


@pytest.mark.slow
def test_killed_worker_of_which_nobody_knows_leaves_a_visible_doubt(home: House, provider: Tencent) -> None:
    provider.reporting = False
    keys = killed_in_mid_call(home, provider)
    with home.running():
        assert home.all_ended()
    assert provider.taken == dict.fromkeys(keys, 1)
    assert sending.fates(home.runtime) == {"doubtful": FEW}
