"""What the bank answered reaches people once, without amounts, and not when it is mended already."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.models.benefit import PaymentBatch
from backend.models.notification import Message
from backend.notifications import queries as inbox
from backend.runtime import Runtime
from tests import benefits as make, payments as pay
from tests.clock import MovableClock
from tests.people import Cast, assemble
from tests.workers.test_handlers import dying, killed_in, quick, work_off
from workers import registry, telling

TOPICS = ("payment_made", "payment_failed")


@pytest.fixture
def runtime(runtime: Runtime, clock: MovableClock) -> Runtime:
    return replace(runtime, clock=clock)


@pytest.fixture
def cast(runtime: Runtime, clock: MovableClock) -> Cast:
    whole = assemble(runtime.db, runtime.vault, clock, item=make.AWARD)
    make.publish(whole)
    return whole


@pytest.fixture
def answered(cast: Cast) -> PaymentBatch:
    """One paid, one refused."""
    make.recipient(cast)
    make.recipient(cast, "李䶮", 8)
    batch = pay.exported(cast)
    refused = pay.payments(cast, batch)[0].reference
    pay.take_in(cast, batch, pay.answers(cast, batch, refused=[refused], reason="户名不符"))
    return batch


def drained(runtime: Runtime) -> None:
    for topic in TOPICS:
        work_off(runtime, registry.TOPICS[topic])


def told(runtime: Runtime) -> Counter[str]:
    with runtime.db.reading() as session:
        return Counter(session.scalars(select(Message.template)))


def test_everybody_hears_once_what_the_bank_said(runtime: Runtime, cast: Cast, answered: PaymentBatch) -> None:
    drained(runtime)
    drained(runtime)
    assert told(runtime) == {"payment_made": 1, "payment_failed": 1}


def test_messages_name_no_amount_and_no_account(runtime: Runtime, cast: Cast, answered: PaymentBatch) -> None:
    drained(runtime)
    with runtime.db.reading() as session:
        said = [
            f"{message['title']} {message['text']}"
            for resident in cast.residents.values()
            for message in inbox.everything(session, runtime.vault, resident)
        ]
    assert len(said) == 2
    assert any("没有打成" in text for text in said)
    for text in said:
        assert "960" not in text
        assert "0000000000000000" not in text
        assert "户名不符" not in text


def test_a_refusal_that_is_mended_meanwhile_is_not_told(runtime: Runtime, cast: Cast, answered: PaymentBatch) -> None:
    cast.clock.advance(timedelta(days=1))
    pay.prepare(cast)
    drained(runtime)
    assert told(runtime) == {"payment_made": 1}


@pytest.mark.parametrize("before", [True, False])
def test_a_killed_worker_tells_once(runtime: Runtime, cast: Cast, answered: PaymentBatch, before: bool) -> None:
    topic = quick("payment_made")
    killed_in(runtime, topic, dying(telling.notifications, "tell", before=before))
    work_off(runtime, registry.TOPICS["payment_made"])
    assert told(runtime)["payment_made"] == 1
