"""Text messages through the engine: in chunks side by side against one job, one call and one commit a message.

Both send the same deliveries through the product's tables to a provider that takes as long as one over the network.
The floor is what RQ's own guide would do: a job per message that reads it, calls, and writes down how it went.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.events.leasing import Leased
from backend.gateways.sms import Fate, Short
from backend.kernel.clock import SHANGHAI, system_clock
from backend.models.delivery import Delivery
from backend.models.notification import Message
from backend.models.outbox import Outbox
from backend.notifications import deliveries, outgoing
from backend.runtime import Runtime, build_runtime
from bench.context import Context
from bench.harness import Figure, compare
from config.queues import NOW
from tests import sending
from workers import drain, process, registry
from workers.deliveries import CALLS

MANY, FEW = 2000, 100
#: Seconds of a call: what a provider in another province takes.
CALL = 0.03
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
BEGUN = system_clock()


def by_day() -> datetime:
    """A clock that goes, and began at noon: nothing leaves the house by night."""
    return NOON + (system_clock() - BEGUN)


class Provider:
    """Takes everything after a while, and counts by key."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def send(self, message: Short) -> str:
        time.sleep(CALL)
        self.taken.append(message.key)
        return message.key

    def fate(self, *, to: str, key: str, since: datetime) -> Fate:
        return Fate.TAKEN if key in self.taken else Fate.NEVER_CAME

    def sent(self, *, to: str | None, limit: int) -> list[dict[str, str]]:
        return []


def run(context: Context) -> list[Figure]:
    settings, _ = context.installation("sending", **sending.ENVIRONMENT)
    built = build_runtime(settings, patient=True)
    runtime = process.bind(replace(built, sms=Provider(), clock=by_day))
    people = sending.people(runtime, 100)
    figure = compare(
        "sending",
        floor=lambda: _rate(runtime, people, FEW, _one_job_each),
        ours=lambda: _rate(runtime, people, MANY, _in_chunks),
        goal="≥ 8",
        unit="deliveries/s",
        rounds=3,
    )
    runtime.db.dispose()
    return [figure]


def _rate(runtime: Runtime, people: list[int], number: int, work: Callable[[Runtime], None]) -> float:
    """Deliveries a second until the last is recorded; each must have been taken once."""
    runtime.db.transact(_empty)
    runtime.redis.flushdb()
    sms = Provider()
    runtime = process.bind(replace(runtime, sms=sms))
    keys = sending.leave(runtime, people, number)
    begin = time.perf_counter()
    work(runtime)
    seconds = time.perf_counter() - begin
    if sorted(sms.taken) != sorted(keys) or sending.fates(runtime) != {"sent": number}:
        raise SystemExit(f"{len(sms.taken)} of {number} messages were taken: {sending.fates(runtime)}")
    return number / seconds


def _empty(session: Session) -> None:
    for table in (Outbox, Delivery, Message):
        session.execute(delete(table))


def _in_chunks(runtime: Runtime) -> None:
    """The product's own drain, as a job of the relay runs it, until nothing is due."""
    while drain.drain(runtime, registry.TOPICS[sending.TOPIC], go_on=lambda: True):
        pass


def _one_job_each(runtime: Runtime) -> None:
    queue = Queue(NOW, connection=runtime.redis, serializer=JSONSerializer)
    with runtime.db.reading() as session:
        found = list(session.scalars(select(Outbox.subject_id)))
    queue.enqueue_many([Queue.prepare_data("bench.sending.send_one", args=(n,), result_ttl=0) for n in found])
    worker = SimpleWorker([queue], connection=runtime.redis, serializer=JSONSerializer, log_job_description=False)
    worker.log_result_lifespan = False
    worker.work(burst=True, logging_level="ERROR")


def send_one(delivery_id: int) -> None:
    """One message in a job of its own: look, call, record."""
    runtime, now = process.bound(), by_day()
    found = runtime.db.transact(outgoing.sort, runtime.vault, delivery_ids=[delivery_id], per_day=1000, now=now)
    parcel = found.ready[delivery_id]
    key = f"{sending.TOPIC}:{delivery_id}"
    row = Leased(0, sending.TOPIC, delivery_id, "", key, 1, now, "", system_clock())
    ref = CALLS[parcel.channel](runtime, parcel, row)
    runtime.db.transact(_record, delivery_id, ref)


def _record(session: Session, delivery_id: int, ref: str) -> None:
    [row] = deliveries.locked(session, [delivery_id]).values()
    deliveries.hand_over(session, row, provider_ref=ref, now=by_day())
