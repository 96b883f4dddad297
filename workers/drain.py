"""Working off what is due of one topic: lease, act, record. The table is the truth; a job only says "look"."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence

from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from backend.events import leasing
from backend.events.leasing import Leased, LeaseLost
from backend.events.uncounted import UNCOUNTED
from backend.kernel.clock import system_clock
from backend.kernel.errors import Problem, Unavailable
from backend.runtime import Runtime
from workers import process, registry
from workers.kinds import Failures, Later, OutOfTime, Topic, permanent

logger = logging.getLogger("workers.drain")

#: Seconds one job may go on before it gives way to the other topics of its queue; the relay wakes it again.
TURN = 2.0
#: Milliseconds without a beat after which the relay takes a running drain for dead.
BEAT = 3000

#: Set by SIGTERM: the batch in hand is finished, no other is begun.
stopping = threading.Event()


def beat_key(topic: str) -> str:
    """The Redis key a running drain keeps alive."""
    return f"drain:{topic}"


def job(topic: str) -> None:
    """What RQ runs, in a process of its own; ends early when its parent has died."""
    runtime, parent = process.bound(), os.getppid()

    def beat() -> bool:
        with contextlib.suppress(RedisError):
            runtime.redis.set(beat_key(topic), os.getpid(), px=BEAT)
        return not stopping.is_set() and os.getppid() == parent

    done = drain(runtime, registry.TOPICS[topic], go_on=beat)
    with contextlib.suppress(RedisError):
        runtime.redis.delete(beat_key(topic))
    if done:
        runtime.wake(topic)  # what was done may have left other work behind


def drain(runtime: Runtime, topic: Topic, *, go_on: Callable[[], bool], turn: float = TURN) -> int:
    """Work off due rows of a topic for at most about ``turn`` seconds; the number of rows handled."""
    handler = registry.handler(topic)  # the first import of what renders may take longer than a turn
    end, handled = time.monotonic() + turn, 0
    runtime.db.transact(leasing.recover, topic=topic.name, beat=system_clock(), again=topic.again)
    while go_on() and time.monotonic() < end:
        rows = runtime.db.transact(
            leasing.lease,
            topic=topic.name,
            now=runtime.clock(),
            beat=system_clock(),
            seconds=topic.lease,
            limit=topic.batch,
        )
        if not rows:
            break
        failures = handler(runtime, rows)
        runtime.db.transact_once(_record, runtime, topic, rows, failures)
        handled += sum(not isinstance(failures.get(row.id), Later) for row in rows)
        if any(map(_enough, failures.values())):
            break
    return handled


def _enough(error: Exception) -> bool:
    """Whether nothing else of the topic can be done now."""
    return isinstance(error, Unavailable) or (isinstance(error, Later) and error.rest)


def _record(session: Session, runtime: Runtime, topic: Topic, rows: Sequence[Leased], failures: Failures) -> None:
    """Write down how each row ended. Rows that the handler has finished itself do not match any more: no harm."""
    now = runtime.clock()
    done = [row for row in rows if row.id not in failures]
    if done:
        leasing.finish(session, done, now=now)
    leasing.release(session, [row for row in rows if isinstance(failures.get(row.id), (OutOfTime, Unavailable))])
    for row in rows:
        error = failures.get(row.id)
        if isinstance(error, Later):
            leasing.postpone(session, row, due_at=error.due_at)
        if error is None or isinstance(error, (OutOfTime, Unavailable, LeaseLost, Later)):
            continue
        if permanent(error):
            leasing.dead(session, row, error=describe(error))
            alive = False
        else:
            alive = leasing.retry(session, row, error=describe(error), intervals=topic.intervals, now=now)
        if topic.name not in UNCOUNTED:
            logger.warning("%s %s %s: %s", topic.name, row.id, "again later" if alive else "dead", describe(error))


def describe(error: Exception) -> str:
    """The kind of error and where it came from, never its message: that could carry personal values."""
    if isinstance(error, Problem):
        return f"{type(error).__name__}: {error.code}"
    place, trace = "", error.__traceback__
    while trace is not None:
        place = f" at {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return type(error).__name__ + place
