"""The product's clock jumps a day forward and back: nothing twice, nothing by night, nothing after its event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from backend.db import Database
from backend.kernel.quiet import NIGHT
from tests import sending
from tests.house import PATIENCE, House, house
from tests.workers.processes import eventually

FEW = 60
DAY = timedelta(days=1)


@pytest.fixture
def home(database: Database, mariadb_url: str, redis_url: str) -> Iterator[House]:
    with house(mariadb_url, redis_url) as found:
        yield found


def at(home: House, moment: datetime) -> None:
    """Move the clock of all processes, as ``POST /dev/clock`` does."""
    sending.clock_of(home.settings).set(moment)
    home.runtime.wake("clock")


def nothing_waits(home: House) -> bool:
    return eventually(lambda: sending.unfinished(home.runtime) == 0, seconds=PATIENCE)


@pytest.mark.slow
def test_clock_a_day_forward_and_back_sends_once_by_day_and_in_time(home: House) -> None:
    evening = sending.day(home.settings, hour=20, minute=59)
    readers = sending.people(home.runtime, 20)
    at(home, evening + timedelta(minutes=2))
    good = sending.leave(home.runtime, readers, FEW, mark="good")
    late = sending.leave(home.runtime, readers, FEW, not_after=evening + timedelta(hours=6), mark="late")
    with home.running():
        at(home, evening + DAY - timedelta(hours=2))  # forward: all is due
        assert nothing_waits(home)
        at(home, evening - timedelta(hours=1))  # and back
        good += sending.leave(home.runtime, readers, FEW, mark="again")
        assert nothing_waits(home)
    assert sorted(home.sent()) == sorted(good)
    assert not set(late) & set(home.sent())
    assert not [when for _, when in sending.sent(home.settings) if NIGHT.holds(when)]
    assert sending.fates(home.runtime) == {"sent": 2 * FEW, "expired": FEW}


@pytest.mark.slow
def test_clock_into_the_night_holds_what_was_due_by_day(home: House) -> None:
    morning = sending.day(home.settings, hour=9)
    keys = home.leave(20, FEW)
    at(home, morning + timedelta(hours=13))  # all is due, and it is night
    with home.running():
        waiting = lambda: sending.due_before(home.runtime, home.runtime.clock()) == 0  # noqa: E731 - said once
        assert eventually(waiting, seconds=PATIENCE)
        assert home.sent() == []
        assert sending.unfinished(home.runtime) == FEW
        at(home, morning + DAY)
        assert nothing_waits(home)
    assert sorted(home.sent()) == sorted(keys)
