"""Fifty clerks at thirty cases at once, with takeovers, hand-overs and give-backs between them."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from backend.applications import claims, handover, next_case, takeover
from backend.applications.policy import Reviewer
from backend.db import Database
from backend.kernel.errors import Problem
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.application import Application, ApplicationHistory
from backend.models.staff import Staff
from tests import factories as make
from tests.people import TOWN, VILLAGE, Cast, hire

CASES, CLERKS = 30, 50


@pytest.fixture
def crowd(cast: Cast, mariadb_url: str) -> Iterator[Cast]:
    """The same database with a connection for everyone."""
    cast.db = Database(mariadb_url, pool_size=CLERKS)
    yield cast
    cast.db.dispose()


def work(cast: Cast, clerk: Reviewer, seed: int, done: list[tuple[str, str]]) -> None:
    """Take what waits and decide it, now and then give it back, until nothing waits for a while."""
    chance, idle = random.Random(seed), 0
    while idle < 4:
        try:
            case = cast.run(next_case.take, reviewer=clerk, now=cast.clock())
            row = make.load(cast, case)
            if chance.random() < 0.2:
                cast.run(claims.release, reviewer=clerk, number=row.number or "", now=cast.clock())
                continue
            make.decide(cast, row.number or "", clerk, "approve", fence=row.fence)
            done.append((row.number or "", clerk.level))
            idle = 0
        except Problem:
            idle += 1


def meddle(cast: Cast, boss: Reviewer, numbers: list[str], names: list[str], seed: int) -> None:
    """A superior who takes cases over and hands them on while the others work."""
    chance = random.Random(seed)
    for _ in range(25):
        to = chance.choice([None, chance.choice(names)])
        try:
            if chance.random() < 0.7:
                given = {"number": chance.choice(numbers), "reason": "换人办", "to": to}
                cast.run(takeover.take_over, vault=cast.vault, reviewer=boss, now=cast.clock(), **given)
            else:
                cast.run(handover.hand_over, by=boss, giver=chance.choice(names), to=to, now=cast.clock())
        except Problem:
            continue


def test_fifty_clerks_decide_thirty_cases_once_at_each_level(crowd: Cast) -> None:
    numbers = [make.submitted(crowd, f"申请{chr(0x4E00 + n)}", serial=100 + n).number or "" for n in range(CASES)]
    villagers = [hire(crowd, "village", region=VILLAGE) for _ in range(CLERKS // 2)]
    clerks = villagers + [hire(crowd, "town", region=TOWN) for _ in range(CLERKS // 2)]
    with crowd.db.reading() as session:
        names = list(session.scalars(select(Staff.username).where(Staff.id.in_([one.id for one in villagers]))))
    done: list[tuple[str, str]] = []
    threads = [threading.Thread(target=work, args=(crowd, clerk, n, done)) for n, clerk in enumerate(clerks)]
    threads.append(threading.Thread(target=meddle, args=(crowd, crowd.reviewers["county"], numbers, names, 7)))
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for level in (villagers[0], clerks[-1]):  # what was handed to someone who had gone home waits in their hands
        finish(crowd, numbers, level, done)
    assert Counter(done) == Counter({(number, level): 1 for number in numbers for level in ("village", "town")})
    with crowd.db.reading() as session:
        assert set(session.scalars(select(Application.status).where(Application.number.in_(numbers)))) == {S.APPROVED}
        moves = Counter(session.scalars(select(ApplicationHistory.move)))
    assert (moves["hand_up"], moves["approve"]) == (CASES, CASES)


def finish(cast: Cast, numbers: list[str], clerk: Reviewer, done: list[tuple[str, str]]) -> None:
    """Nothing is stuck: whatever a clerk of that level still holds can be handed over and decided."""
    with cast.db.reading() as session:
        left = select(Application.claimed_by).where(
            Application.queue == clerk.level, Application.claimed_by.is_not(None)
        )
        holders = list(session.scalars(select(Staff.username).where(Staff.id.in_(left))))
    for name in holders:
        cast.run(handover.hand_over, by=None, giver=name, to=None, now=cast.clock())
    work(cast, clerk, 1, done)
