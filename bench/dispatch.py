"""Messages through RQ: in batches of the outbox against one job per message.

Both sides do the same for a message: read its row on MariaDB, give it to a receiver that dedupes by key,
write down that it is done. The floor is what RQ's own guide would do: a SimpleWorker and a job each.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from backend.events.leasing import Leased
from backend.kernel.clock import system_clock
from backend.models.outbox import Outbox
from backend.runtime import Runtime, build_runtime
from bench.context import Context
from bench.harness import Figure, compare
from config.queues import NOW
from workers import process, registry
from workers.kinds import Failures, Topic
from workers.main import DrainWorker

TOPIC = "bench"
MANY, FEW = 40_000, 400


def run(context: Context) -> list[Figure]:
    settings, _ = context.installation("dispatch")
    runtime = process.bind(build_runtime(settings, patient=True))
    registry.TOPICS[TOPIC] = Topic(TOPIC, "bench.dispatch:deliver", NOW, (1,), lease=30)
    figure = compare(
        "dispatch",
        floor=lambda: _rate(runtime, FEW, _one_job_each),
        ours=lambda: _rate(runtime, MANY, _in_batches),
        goal="≥ 100",
        unit="messages/s",
        rounds=3,
    )
    runtime.db.dispose()
    return [figure]


def deliver(runtime: Runtime, rows: Sequence[Leased]) -> Failures:
    """One call of the receiver for a whole batch."""
    _receive([row.dedupe_key for row in rows])
    return {}


def deliver_one(row_id: int) -> None:
    """The same for one message in a job of its own."""
    runtime = process.bound()
    with runtime.db.reading() as session:
        key = session.scalars(select(Outbox.dedupe_key).where(Outbox.id == row_id)).one()
    _receive([key])
    runtime.db.transact(_done, row_id)


def _done(session: Session, row_id: int) -> None:
    values = {"status": "done", "done_at": system_clock()}
    session.execute(update(Outbox).where(Outbox.id == row_id).values(values))


def _receive(keys: Sequence[str]) -> None:
    """A receiver in reach of every process: one append, whatever the number of keys."""
    with (process.bound().settings.data_dir / "received").open("a", encoding="utf-8") as file:
        file.write("".join(f"{key}\n" for key in keys))


def _rate(runtime: Runtime, number: int, work: Callable[[Runtime, list[int]], None]) -> float:
    """Messages a second from the first job to the last row that is done."""
    ids = runtime.db.transact(_fill, number)
    received = runtime.settings.data_dir / "received"
    received.unlink(missing_ok=True)
    runtime.redis.flushdb()
    begin = time.perf_counter()
    work(runtime, ids)
    seconds = time.perf_counter() - begin
    _check(received, number)
    return number / seconds


def _fill(session: Session, number: int) -> list[int]:
    now = system_clock()
    session.execute(delete(Outbox))
    rows = [
        {"id": n, "topic": TOPIC, "subject_id": n, "dedupe_key": f"b{n}", "due_at": now, "created_at": now}
        for n in range(1, number + 1)
    ]
    session.execute(insert(Outbox), rows)
    return list(range(1, number + 1))


def _one_job_each(runtime: Runtime, ids: list[int]) -> None:
    queue = Queue(NOW, connection=runtime.redis, serializer=JSONSerializer)
    jobs = [Queue.prepare_data("bench.dispatch.deliver_one", args=(n,), result_ttl=0) for n in ids]
    queue.enqueue_many(jobs)
    worker = SimpleWorker([queue], connection=runtime.redis, serializer=JSONSerializer, log_job_description=False)
    worker.log_result_lifespan = False
    worker.work(burst=True, logging_level="ERROR")


def _in_batches(runtime: Runtime, ids: list[int]) -> None:
    """Drain jobs as the relay enqueues them, each in a forked process, until nothing is due."""
    runtime.db.dispose()  # the worker forks
    queue = Queue(NOW, connection=runtime.redis, serializer=JSONSerializer)
    while not _finished(runtime):
        queue.enqueue_call("workers.drain.job", args=(TOPIC,), result_ttl=0)
        worker = DrainWorker([queue], connection=runtime.redis, serializer=JSONSerializer, log_job_description=False)
        worker.log_result_lifespan = False
        worker.work(burst=True, logging_level="ERROR")


def _finished(runtime: Runtime) -> bool:
    with runtime.db.reading() as session:
        left = session.scalar(select(Outbox.id).where(Outbox.topic == TOPIC, Outbox.status == "due").limit(1))
    runtime.db.dispose()
    return left is None


def _check(received: Path, number: int) -> None:
    lines = received.read_text(encoding="utf-8").splitlines()
    if len(lines) != number or len(set(lines)) != number:
        raise SystemExit(f"{len(lines)} of {number} messages were received ({len(set(lines))} different)")
