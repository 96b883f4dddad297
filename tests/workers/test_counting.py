"""Cases are counted by the workers, with the work of their topics: nothing lost, nothing doubled."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from backend.models.outbox import Outbox
from backend.models.statistics import CaseFact
from backend.runtime import Runtime
from tests import factories
from tests.clock import MovableClock
from tests.people import Cast, assemble
from workers import drain, registry


@pytest.fixture
def cast(runtime: Runtime) -> Cast:
    """The cast on the database of the workers, in their time."""
    return assemble(runtime.db, runtime.vault, MovableClock(runtime.clock()))


def work_off(runtime: Runtime, topic: str) -> int:
    return drain.drain(runtime, registry.TOPICS[topic], go_on=lambda: True, turn=30)


def outcomes(runtime: Runtime) -> list[str | None]:
    with runtime.db.reading() as session:
        return list(session.scalars(select(CaseFact.outcome)))


def test_a_topic_worked_off_counts_its_case_once(runtime: Runtime, cast: Cast) -> None:
    factories.submitted(cast)
    assert work_off(runtime, "application_submitted") == 1
    assert outcomes(runtime) == [None]


def test_topics_in_any_order_and_twice_leave_the_last_state(runtime: Runtime, cast: Cast) -> None:
    row = factories.submitted(cast)
    factories.withdraw(cast, row.id)
    for _ in range(2):
        work_off(runtime, "application_withdrawn")
        work_off(runtime, "application_submitted")
        runtime.db.transact(lambda session: session.execute(update(Outbox).values(status="due")).close())
    assert outcomes(runtime) == ["withdrawn"]
