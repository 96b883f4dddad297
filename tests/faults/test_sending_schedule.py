"""The declared periodic work run by two relays at once, and a clock that jumps: each reminder is told once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend.db import Database
from backend.kernel.clock import system_clock
from backend.models.outbox import PeriodicWork
from tests import sending
from tests.house import PATIENCE, House, house
from tests.workers import world as worlds
from tests.workers.processes import RELAY, WORKER, eventually
from tests.workers.world import World

FEW = 20
TEMPLATE = "draft_expiring"


@pytest.fixture
def home(database: Database, mariadb_url: str, redis_url: str) -> Iterator[House]:
    with house(mariadb_url, redis_url) as found:
        yield found


def told(world: World) -> list[tuple[str, str]]:
    return [message for message in world.messages() if message[0] == TEMPLATE]


def swept(home: House, since: datetime) -> bool:
    """Whether drafts have been looked through since a moment of the machine's clock."""
    with home.runtime.db.reading() as session:
        ran_at = session.scalar(select(PeriodicWork.ran_at).where(PeriodicWork.name == "draft_warnings"))
    return ran_at is not None and ran_at >= since


@pytest.mark.slow
def test_scheduler_started_twice_under_a_jumping_clock_reminds_once(home: House) -> None:
    world = worlds.build(home.runtime)
    for _ in range(FEW):
        world.case("draft", "")
    with home.running(RELAY, RELAY, WORKER):
        assert eventually(lambda: len(told(world)) >= FEW, seconds=PATIENCE)
        for days in (1, 0):  # forward and back: all periodic work is due each time
            moved = system_clock()
            sending.clock_of(home.settings).set(moved - timedelta(days=1 - days))
            home.runtime.wake("clock")
            assert eventually(lambda moved=moved: swept(home, moved), seconds=PATIENCE)
        assert eventually(lambda: sending.due_before(home.runtime, home.runtime.clock()) == 0, seconds=PATIENCE)
    assert len(told(world)) == len(set(told(world))) == FEW
