"""Sending in batches: once each, in the right order of channels, never by night, never blindly twice."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.events import leasing
from backend.gateways.sms import Fate, Short, SmsInDoubt, SmsRefused, SmsUnavailable
from backend.gateways.wechat import NoCredit, WechatInDoubt
from backend.kernel.clock import SHANGHAI, local
from backend.kernel.crypto import place
from backend.kernel.errors import Unavailable
from backend.kernel.i18n import N_
from backend.models.delivery import Delivery, NotificationPreference, Provider, WechatBinding
from backend.models.outbox import Outbox
from backend.models.resident import Resident
from backend.runtime import Runtime
from tests import sending
from tests.clock import MovableClock
from workers import deliveries, drain, records, registry

TOPIC = registry.TOPICS["send_sms"]


@dataclass
class Provided:
    """A provider that answers as told. ``script``: key → what its calls raise, in order; ``never``: what all raise."""

    taken: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    hours: list[int] = field(default_factory=list)
    script: dict[str, list[Exception]] = field(default_factory=dict)
    always: Exception | None = None
    fates: dict[str, Fate] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.Lock)

    def send(self, message: Short) -> str:
        with self.lock:
            self.calls.append(message.key)
            wrong = self.script.get(message.key)
            if wrong:
                raise wrong.pop(0)
            if self.always is not None:
                raise self.always
            self.taken.append(message.key)
            self.hours.append(local(message.sent_at).hour)
        return f"ref-{message.key}"

    def fate(self, *, to: str, key: str, since: datetime) -> Fate:
        return self.fates.get(key, Fate.TAKEN if key in self.taken else Fate.NEVER_CAME)


@pytest.fixture
def sms() -> Provided:
    return Provided()


@pytest.fixture
def runtime(runtime: Runtime, clock: MovableClock, sms: Provided) -> Runtime:
    return replace(runtime, clock=clock, sms=sms)


def work(runtime: Runtime, topic: str = "send_sms") -> int:
    return drain.drain(runtime, registry.TOPICS[topic], go_on=lambda: True)


def leave(runtime: Runtime, number: int = 1, **more: Any) -> list[str]:
    return sending.leave(runtime, sending.people(runtime, more.pop("people", number)), number, **more)


def rows(runtime: Runtime) -> list[Delivery]:
    with runtime.db.reading() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def work_rows(runtime: Runtime) -> list[Outbox]:
    with runtime.db.reading() as session:
        return list(session.scalars(select(Outbox).order_by(Outbox.id)))


def work_states(runtime: Runtime) -> list[str]:
    return [row.status for row in work_rows(runtime)]


def test_a_hundred_messages_go_out_once_each_and_are_recorded(runtime: Runtime, sms: Provided) -> None:
    keys = leave(runtime, 100)
    assert work(runtime) == 100
    assert sorted(sms.taken) == sorted(keys)
    assert {row.status for row in rows(runtime)} == {"sent"}
    assert {row.provider_ref for row in rows(runtime)} == {f"ref-{key}" for key in keys}
    assert {row.content for row in rows(runtime)} == {None}
    assert set(work_states(runtime)) == {"done"}


def test_no_transaction_is_open_while_a_provider_is_called(runtime: Runtime, sms: Provided) -> None:
    leave(runtime, 3)
    real, busy = sms.send, []

    def watched(message: Short) -> str:
        busy.append(runtime.db.engine.pool.checkedout())  # type: ignore[attr-defined]
        return real(message)

    sms.send = watched
    work(runtime)
    assert busy == [0, 0, 0]


def test_a_temporary_error_waits_each_interval_and_then_is_dead(
    runtime: Runtime, sms: Provided, clock: MovableClock
) -> None:
    (key,) = leave(runtime)
    sms.script[key] = [SmsUnavailable("busy")] * 20
    waits = []
    for _ in TOPIC.intervals:
        before = clock()
        work(runtime)
        waits.append((work_rows(runtime)[0].due_at - before).total_seconds())
        clock.set(work_rows(runtime)[0].due_at)
        runtime.db.transact(lambda session: session.execute(update(Provider).values(failures=0, open_until=None)))
    work(runtime)
    assert [round(wait / interval) for wait, interval in zip(waits, TOPIC.intervals, strict=True)] == [1] * 6
    assert len(sms.calls) == len(TOPIC.intervals) + 1
    assert (work_states(runtime), rows(runtime)[0].status, rows(runtime)[0].error) == (
        ["dead"],
        "failed",
        "SmsUnavailable",
    )


def test_a_refusal_is_dead_at_once_and_the_others_go_on(runtime: Runtime, sms: Provided) -> None:
    keys = leave(runtime, 5)
    sms.script[keys[2]] = [SmsRefused("wrong number")]
    work(runtime)
    assert sorted(work_states(runtime)) == ["dead", *["done"] * 4]
    assert len(sms.calls) == 5


def test_a_dead_one_is_sent_when_a_person_retries(runtime: Runtime, sms: Provided) -> None:
    (key,) = leave(runtime)
    sms.script[key] = [SmsRefused("no balance")]
    work(runtime)
    assert runtime.db.transact(leasing.replay, now=runtime.clock(), topic="send_sms") == 1
    work(runtime)
    assert (sms.taken, rows(runtime)[0].status, rows(runtime)[0].error) == ([key], "sent", None)


def test_an_answer_that_never_came_is_asked_for_and_not_sent_again(
    runtime: Runtime, sms: Provided, clock: MovableClock
) -> None:
    (key,) = leave(runtime)
    sms.script[key] = [SmsInDoubt("time-out")]
    sms.fates[key] = Fate.TAKEN
    work(runtime)
    assert (work_rows(runtime)[0].due_at - clock()).total_seconds() >= records.BEFORE_ASKING * 0.8
    clock.advance(timedelta(minutes=1))
    work(runtime)
    assert (len(sms.calls), rows(runtime)[0].status) == (1, "sent")


def test_a_message_that_never_came_is_sent_after_all(runtime: Runtime, sms: Provided, clock: MovableClock) -> None:
    (key,) = leave(runtime)
    sms.script[key] = [SmsInDoubt("time-out")]
    work(runtime)
    clock.advance(timedelta(minutes=1))
    work(runtime)
    assert (len(sms.calls), sms.taken, rows(runtime)[0].status) == (2, [key], "sent")


def test_a_fate_nobody_knows_ends_in_doubt_and_is_never_sent_twice(
    runtime: Runtime, sms: Provided, clock: MovableClock
) -> None:
    (key,) = leave(runtime)
    sms.script[key] = [SmsInDoubt("time-out")]
    sms.fates[key] = Fate.UNKNOWN
    for _ in range(20):
        work(runtime)
        clock.advance(timedelta(minutes=10))
        clock.set(max(clock(), work_rows(runtime)[0].due_at))
    assert (len(sms.calls), work_states(runtime), rows(runtime)[0].status) == (1, ["dead"], "doubtful")


def test_a_message_in_doubt_at_night_is_asked_for_and_sent_by_day(
    runtime: Runtime, sms: Provided, clock: MovableClock
) -> None:
    (key,) = leave(runtime)
    sms.script[key] = [SmsInDoubt("time-out")]
    work(runtime)
    clock.set(datetime(2026, 11, 23, 22, 0, tzinfo=SHANGHAI))
    work(runtime)
    assert len(sms.calls) == 1
    assert local(work_rows(runtime)[0].due_at).hour == 8
    clock.set(work_rows(runtime)[0].due_at)
    work(runtime)
    assert sms.hours == [8]


def test_nothing_goes_out_by_night_after_a_back_off(runtime: Runtime, sms: Provided, clock: MovableClock) -> None:
    clock.set(datetime(2026, 11, 23, 20, 59, 59, tzinfo=SHANGHAI))
    (key,) = leave(runtime)
    sms.script[key] = [SmsUnavailable("busy")]
    work(runtime)
    clock.advance(timedelta(seconds=5))
    assert work(runtime) == 0
    row = work_rows(runtime)[0]
    assert (local(row.due_at).hour, row.attempts, len(sms.calls)) == (8, 1, 1)


def test_nothing_goes_out_after_its_event(runtime: Runtime, sms: Provided, clock: MovableClock) -> None:
    leave(runtime, not_after=clock() + timedelta(hours=1))
    clock.advance(timedelta(hours=1))
    work(runtime)
    assert (sms.calls, rows(runtime)[0].status, work_states(runtime)) == ([], "expired", ["done"])


def test_an_erased_or_stopped_person_gets_nothing(runtime: Runtime, sms: Provided) -> None:
    leave(runtime, 2)
    first, second = (row.resident_id for row in rows(runtime))

    def leave_us(session: Session) -> None:
        session.execute(update(Resident).where(Resident.id == first).values(key=""))
        session.add(
            NotificationPreference(
                resident_id=second, choices={}, stopped_at=runtime.clock(), updated_at=runtime.clock()
            )
        )

    runtime.db.transact(leave_us)
    work(runtime)
    assert (sms.calls, [row.status for row in rows(runtime)]) == ([], ["dropped", "dropped"])


def test_a_person_gets_so_many_a_day_and_the_rest_tomorrow(
    runtime: Runtime, sms: Provided, clock: MovableClock
) -> None:
    limits = replace(runtime.settings.limits, messages_per_person_day=2)
    runtime = replace(runtime, settings=replace(runtime.settings, limits=limits))
    leave(runtime, 7, people=1)  # they need the person: up to twice as many
    work(runtime)
    waiting = [row for row in work_rows(runtime) if row.status == "due"]
    assert (len(sms.taken), len(waiting), {row.attempts for row in waiting}) == (4, 3, {0})
    assert {local(row.due_at).strftime("%d %H") for row in waiting} == {"24 08"}
    clock.set(waiting[0].due_at)
    work(runtime)
    assert len(sms.taken) == 7


def test_a_second_has_room_for_so_many_calls(runtime: Runtime, sms: Provided) -> None:
    limits = replace(runtime.settings.limits, sms_calls_second=10)
    runtime = replace(runtime, settings=replace(runtime.settings, limits=limits))
    leave(runtime, 35)
    assert work(runtime) in (10, 20)  # 20 where the second ended meanwhile
    assert len(sms.taken) in (10, 20)
    assert {row.attempts for row in work_rows(runtime) if row.status == "due"} == {0}


def test_a_provider_that_is_away_is_left_alone_after_five_failures(
    runtime: Runtime, sms: Provided, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "THREADS", 1)
    leave(runtime, 30)
    sms.always = SmsUnavailable("away")
    work(runtime)
    assert len(sms.calls) == 5
    assert sorted(row.attempts for row in work_rows(runtime)) == [0] * 25 + [1] * 5
    work(runtime)
    assert len(sms.calls) == 5  # the circuit is open


def test_one_call_tries_the_provider_after_its_rest(runtime: Runtime, sms: Provided, clock: MovableClock) -> None:
    keys = leave(runtime, 10)
    over = datetime(2020, 1, 1, tzinfo=SHANGHAI)
    runtime.db.transact(lambda session: session.add(Provider(name="sms", failures=5, open_until=over)))
    work(runtime)
    assert len(sms.taken) == 1  # it went well
    clock.advance(timedelta(seconds=2))
    work(runtime)
    assert sorted(sms.taken) == sorted(keys)


def test_the_next_channel_is_tried_where_one_fails_for_good(runtime: Runtime, sms: Provided) -> None:
    wechat(runtime, NoCredit(43101))
    assert {(row.channel, row.status, row.error, row.then) for row in rows(runtime)} == {
        ("wechat", "failed", "NoCredit", "sms"),
        ("sms", "waiting", None, ""),
    }
    assert work_states(runtime) == ["done", "due"]
    work(runtime)
    assert len(sms.taken) == 1


def test_wechat_in_doubt_waits_for_its_event_and_is_not_sent_over_sms(runtime: Runtime) -> None:
    wechat(runtime, WechatInDoubt("no answer"))
    assert [(row.channel, row.status) for row in rows(runtime)] == [("wechat", "doubtful")]
    assert work_states(runtime) == ["done"]


def test_a_database_that_is_away_before_the_call_costs_no_attempt(runtime: Runtime, sms: Provided) -> None:
    (key,) = leave(runtime)
    sms.script[key] = [Unavailable("database_unavailable", N_("系统正忙，请过一会儿再试，已填的内容都在"))]
    work(runtime)
    assert (sms.taken, [row.attempts for row in work_rows(runtime)]) == ([key], [1])


def test_what_cannot_be_recorded_is_in_doubt_and_asked_for(
    runtime: Runtime, sms: Provided, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = leave(runtime, 3)

    def broken(*_: Any) -> None:
        raise ValueError("ours")

    with monkeypatch.context() as patched:
        patched.setattr(deliveries, "record", broken)
        work(runtime)
    assert work_states(runtime) == ["sending"] * 3
    with_lease_over(runtime)
    work(runtime)
    assert (sorted(sms.calls), {row.status for row in rows(runtime)}) == (sorted(keys), {"sent"})


def with_lease_over(runtime: Runtime) -> None:
    over = datetime(2020, 1, 1, tzinfo=SHANGHAI)
    runtime.db.transact(lambda session: session.execute(update(Outbox).values(lease_until=over)))


def wechat(runtime: Runtime, wrong: Exception) -> None:
    """One message over WeChat, then SMS, whose first call goes wrong."""
    [who] = sending.people(runtime, 1)
    runtime.db.transact(_bind, runtime, who)
    sending.leave(runtime, [who], 1, channels=("wechat", "sms"))

    def refused(*_: Any) -> str:
        raise wrong

    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(deliveries.CALLS, "wechat", refused)
        work(runtime, "send_wechat")


def _bind(session: Session, runtime: Runtime, who: int) -> None:
    key = session.scalars(select(Resident.key).where(Resident.id == who)).one()
    openid = runtime.vault.person(key, who).seal_text("openid-1", place("wechat_binding", "openid", who))
    session.add(WechatBinding(resident_id=who, openid=openid, openid_index="x" * 64, bound_at=runtime.clock()))
