"""The month's money for text messages, with the engine: counted when taken, and only codes go out when it is gone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from backend.models.delivery import Delivery
from backend.models.notification import Message
from backend.models.outbox import Outbox
from backend.notifications import costs
from backend.notifications.costs import Month, Tariff
from backend.runtime import Runtime
from tests import sending
from tests.clock import MovableClock
from tests.workers.test_handlers import work_off
from tests.workers.world import World
from workers import registry

TOPIC = registry.TOPICS["send_sms"]


@pytest.fixture
def runtime(runtime: Runtime, clock: MovableClock) -> Runtime:
    return budget(replace(runtime, clock=clock), 1)


def budget(runtime: Runtime, yuan: int) -> Runtime:
    sms = replace(runtime.settings.sms, budget=yuan)
    return replace(runtime, settings=replace(runtime.settings, sms=sms))


def leave(runtime: Runtime, number: int, mark: str = "m") -> list[str]:
    return sending.leave(runtime, sending.people(runtime, number), number, mark=mark)


def work(runtime: Runtime) -> None:
    """Until nothing is due: a slow machine needs more than one turn."""
    while work_off(runtime, TOPIC):
        pass


def spent(runtime: Runtime) -> Month:
    with runtime.db.reading() as session:
        return costs.months(session)[0]


def ends(runtime: Runtime) -> list[tuple[str, str | None]]:
    with runtime.db.reading() as session:
        rows = session.execute(select(Delivery.status, Delivery.error).order_by(Delivery.event)).all()
        return [(status, error) for status, error in rows]


def test_every_message_that_was_taken_is_counted_once(runtime: Runtime) -> None:
    leave(runtime, 3)
    work(runtime)
    work(runtime)
    texts = [one["text"] for one in runtime.sms.sent(to=None, limit=9)]
    parts, cost = Tariff("阳光办", 45, 0).cost([text.removeprefix("【阳光办】") for text in texts])
    assert (spent(runtime).messages, spent(runtime).parts, spent(runtime).cost) == (3, parts, cost)


def test_refused_messages_cost_nothing(runtime: Runtime) -> None:
    leave(runtime, 1)
    (runtime.settings.data_dir / "messages.jsonl").mkdir()
    work_off(runtime, TOPIC)
    with runtime.db.reading() as session:
        assert costs.months(session) == []


def test_messages_stay_in_the_inbox_when_the_budget_is_used_up(runtime: Runtime) -> None:
    runtime.db.transact(costs.book, tariff=runtime.tariff, texts=["字"] * 25, now=runtime.clock())
    leave(runtime, 3)
    work(runtime)
    assert ends(runtime) == [("failed", "budget")] * 3
    assert runtime.sms.sent(to=None, limit=9) == []
    with runtime.db.reading() as session:
        assert set(session.scalars(select(Outbox.status))) == {"done"}
        assert len(session.scalars(select(Message.id)).all()) == 3


def test_budget_ends_between_two_chunks_and_not_for_ever(runtime: Runtime, clock: MovableClock) -> None:
    runtime.db.transact(costs.book, tariff=runtime.tariff, texts=["字"] * 22, now=runtime.clock())
    leave(runtime, 2, "first")
    work(runtime)
    leave(runtime, 2, "second")
    work(runtime)
    assert ends(runtime) == [("sent", None)] * 2 + [("failed", "budget")] * 2
    leave(runtime, 1, "third")
    work(budget(runtime, 5))
    assert ends(runtime)[-1] == ("sent", None)


def test_codes_go_out_and_count_whatever_the_budget(world: World) -> None:
    runtime = budget(world.runtime, 1)
    runtime.db.transact(costs.book, tariff=runtime.tariff, texts=["字"] * 30, now=runtime.clock())
    world.code()
    work_off(runtime, registry.TOPICS["sms_code"])
    assert len(runtime.sms.sent(to=None, limit=9)) == 1
    assert spent(runtime).messages == 31
