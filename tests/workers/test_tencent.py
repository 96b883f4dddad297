"""The engine against Tencent's stand-in over HTTP: faults, doubt, receipts; each once, and each accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.models.delivery import Delivery
from backend.notifications import receipts
from backend.notifications.receipts import Receipt
from backend.runtime import Runtime, provider_of_sms
from config.settings import load_settings
from tests import sending
from tests.clock import MovableClock
from tests.tencent import BROKEN, BUSY, CUT_AFTER, OVERLOADED, REFUSED, Tencent
from tests.workers.test_handlers import work_off
from workers import registry

TOPIC = registry.TOPICS["send_sms"]
#: Longer than any wait between two tries.
LATER = timedelta(minutes=61)


@pytest.fixture
def tencent() -> Iterator[Tencent]:
    with Tencent().serving() as standing_in:
        yield standing_in


@pytest.fixture
def runtime(runtime: Runtime, clock: MovableClock, tencent: Tencent) -> Runtime:
    values = {"PROFILE": "test", "DATA_DIR": str(runtime.settings.data_dir)} | tencent.environment()
    return replace(runtime, clock=clock, sms=provider_of_sms(load_settings(values)))


def work(runtime: Runtime, clock: MovableClock, turns: int = 8) -> None:
    """Until nothing waits any more; what is put off becomes due in time."""
    for _ in range(turns):
        while work_off(runtime, TOPIC):
            pass
        if not sending.unfinished(runtime):
            return
        clock.advance(LATER)


def said(runtime: Runtime) -> Counter[str]:
    with runtime.db.reading() as session:
        return Counter(session.scalars(select(Delivery.status)))


def report(runtime: Runtime, tencent: Tencent, *, success: bool = True) -> None:
    found = [Receipt(one["sid"], "" if success else one["errmsg"]) for one in tencent.receipts(success=success)]
    runtime.db.transact(receipts.settle, runtime.vault, channel="sms", receipts=found, now=runtime.clock())


def test_messages_are_taken_once_and_confirmed_by_their_receipts(
    runtime: Runtime, clock: MovableClock, tencent: Tencent
) -> None:
    keys = sending.leave(runtime, sending.people(runtime, 12), 12)
    work(runtime, clock)
    assert tencent.taken == dict.fromkeys(keys, 1)
    report(runtime, tencent)
    assert said(runtime) == {"delivered": 12}
    report(runtime, tencent, success=False)
    assert said(runtime) == {"delivered": 12}


@pytest.mark.parametrize("repeats", [True, False])
def test_messages_in_doubt_are_never_sent_twice(
    runtime: Runtime, clock: MovableClock, tencent: Tencent, repeats: bool
) -> None:
    tencent.repeats = repeats
    keys = sending.leave(runtime, sending.people(runtime, 4), 4)
    tencent.next(CUT_AFTER, BROKEN)
    work(runtime, clock)
    assert tencent.taken == dict.fromkeys(keys, 1)
    assert said(runtime) == ({"sent": 4} if repeats else {"sent": 2, "doubtful": 2})


def test_refused_is_over_and_busy_is_tried_again(runtime: Runtime, clock: MovableClock, tencent: Tencent) -> None:
    sending.leave(runtime, sending.people(runtime, 3), 3)
    tencent.next(REFUSED, BUSY, OVERLOADED)
    work(runtime, clock)
    assert said(runtime) == {"sent": 2, "failed": 1}
    assert set(tencent.taken.values()) == {1}


def test_provider_that_fails_a_third_of_calls_gets_each_message_once(
    runtime: Runtime, clock: MovableClock, tencent: Tencent
) -> None:
    keys = sending.leave(runtime, sending.people(runtime, 40), 40)
    tencent.fail(0.3, (BUSY, CUT_AFTER, BROKEN))
    work(runtime, clock, turns=30)
    assert max(tencent.taken.values()) == 1
    ends = said(runtime)
    assert ends.total() == len(keys)
    assert ends["waiting"] == 0
    assert ends["sent"] + ends["doubtful"] >= len(tencent.taken)
