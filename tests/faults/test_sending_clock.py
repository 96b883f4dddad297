"""The product's clock jumps a day forward and back: nothing twice, nothing by night, nothing after its event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta

import pytest

from backend.kernel.quiet import NIGHT
from backend.runtime import Runtime
from config.settings import Settings
from tests import sending
from tests.servers import Broker, MariaDb
from tests.workers.processes import RELAY, WORKER, Process, eventually

FEW = 60
DAY = timedelta(days=1)


@pytest.fixture
def house(mariadb: MariaDb, broker: Broker) -> Iterator[tuple[Settings, Runtime]]:
    with sending.installation(mariadb, broker) as (settings, runtime):
        runtime.redis.flushdb()
        yield settings, runtime
    mariadb.drop("sending")


def at(settings: Settings, runtime: Runtime, moment: datetime) -> None:
    """Move the clock of all processes, as ``POST /dev/clock`` does."""
    sending.clock_of(settings).set(moment)
    runtime.wake("clock")


@pytest.mark.slow
def test_clock_a_day_forward_and_back_sends_once_by_day_and_in_time(house: tuple[Settings, Runtime]) -> None:
    settings, runtime = house
    evening = sending.day(settings, hour=20, minute=59)
    readers = sending.people(runtime, 20)
    with ExitStack() as stack:
        for module in (RELAY, WORKER):
            stack.enter_context(Process(settings, *module, more=sending.ENVIRONMENT))
        at(settings, runtime, evening + timedelta(minutes=2))
        good = sending.leave(runtime, readers, FEW, mark="good")
        late = sending.leave(runtime, readers, FEW, not_after=evening + timedelta(hours=6), mark="late")
        at(settings, runtime, evening + DAY)  # forward: all is due
        assert eventually(lambda: sending.unfinished(runtime) == 0)
        at(settings, runtime, evening - timedelta(hours=1))  # and back
        good += sending.leave(runtime, readers, FEW, mark="again")
        assert eventually(lambda: sending.unfinished(runtime) == 0)
    sent = sending.sent(settings)
    assert sorted(key for key, _ in sent) == sorted(good)
    assert not set(late) & {key for key, _ in sent}
    assert not [when for _, when in sent if NIGHT.holds(when)]
    assert sending.fates(runtime) == {"sent": 2 * FEW, "expired": FEW}
