"""``python -m workers.relay``: finds due work each second, or when nudged, and wakes the workers.

When Redis is away, or no worker takes a job for two seconds, it works the light topics off itself and
starts a short-lived process for the heavy ones, so losing Redis or a worker costs seconds and never
messages. Any number of relays may run.
"""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from typing import Any

from redis.exceptions import RedisError

from backend.events import leasing
from backend.kernel.clock import system_clock
from backend.kernel.errors import Unavailable
from backend.runtime import WAKE, Runtime
from config.queues import HEAVY
from workers import process, registry
from workers.drain import describe, drain
from workers.kinds import Topic
from workers.schedule import Schedule
from workers.wakeups import Wakeups

logger = logging.getLogger("workers.relay")

#: Seconds to wait for a nudge; below the socket's own time-out of 1 s.
PATIENCE = 0.8
#: Seconds between two looks, however many nudges come.
BREATH = 0.05
#: Seconds one topic may take when the relay works it off itself.
TURN = 1.0
#: What ``POST /dev/clock`` pushes: the product's clock has moved, all periodic work is due.
CLOCK_MOVED = "clock"


class Relay:
    """One loop: wait, look, wake."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._wakeups = Wakeups(runtime.redis)
        self._schedule = Schedule(runtime)
        self._helper: subprocess.Popen[bytes] | None = None
        self._redis_away = False
        self.stopping = threading.Event()

    def run(self) -> None:
        """Until told to stop. A lost database or a bug in one round must not end the relay."""
        while not self.stopping.is_set():
            try:
                self.step()
            except Unavailable:
                self.stopping.wait(0.5)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next round may succeed
                logger.error("a round of the relay failed: %s", describe(error))
                self.stopping.wait(1)
        if self._helper is not None:
            self._helper.terminate()
            self._helper.wait()

    def step(self) -> None:
        """One round."""
        nudges = self._wait()
        with self._runtime.db.reading() as session:
            names = leasing.due_topics(
                session, topics=registry.TOPICS.keys(), now=self._runtime.clock(), beat=system_clock()
            )
        self._wakeups.rest(names)
        for topic in (registry.TOPICS[name] for name in sorted(names)):
            self._dispatch(topic)
        self._schedule.run(everything=CLOCK_MOVED in nudges)
        self.stopping.wait(BREATH)

    def _wait(self) -> set[str]:
        """What was pushed since the last round; the list is emptied, because one look serves every nudge."""
        try:
            first: Any = self._runtime.redis.blpop([WAKE], timeout=PATIENCE)
            more: Any = self._runtime.redis.lpop(WAKE, 100) if first else None
        except RedisError as error:
            self._note_redis(away=True, why=type(error).__name__)
            self.stopping.wait(PATIENCE / 2)
            return set()
        self._note_redis(away=False)
        return {name.decode() for name in ([first[1]] if first else []) + (more or [])}

    def _dispatch(self, topic: Topic) -> None:
        if not self._redis_away:
            try:
                if self._wakeups.wake(topic):
                    return
            except RedisError as error:
                self._note_redis(away=True, why=type(error).__name__)
        if topic.queue == HEAVY:
            self._help()
        else:
            drain(self._runtime, topic, go_on=lambda: not self.stopping.is_set(), turn=TURN)

    def _help(self) -> None:
        """One process for the heavy queue, so that its libraries do not stay in the relay's memory."""
        if self._helper is None or self._helper.poll() is not None:
            command = [sys.executable, "-m", "workers.main", HEAVY, "--once"]
            self._helper = subprocess.Popen(command)  # noqa: S603 - our own interpreter and module

    def _note_redis(self, *, away: bool, why: str = "") -> None:
        if away != self._redis_away:
            logger.warning("Redis is away (%s): the relay works by itself" if away else "Redis is back%s", why)
        self._redis_away = away


def main() -> int:
    """0 when told to stop."""
    relay = Relay(process.begin())
    process.trim()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: relay.stopping.set())
    relay.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
