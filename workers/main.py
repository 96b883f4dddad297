"""``python -m workers.main <queue>``: one RQ worker on one queue. ``--once`` drains it without Redis and ends.

One queue per process, because a worker on two that is killed between taking a job and starting it
loses the job for ever. The process never touches the database before it forks.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import time
from types import FrameType

from redis.exceptions import RedisError
from rq import Worker
from rq.serializers import JSONSerializer

from backend.runtime import Runtime
from config.queues import QUEUES
from workers import drain, process, registry

logger = logging.getLogger("workers.main")


class DrainWorker(Worker):
    """RQ's forking worker that comes back soon after Redis does and lets a running drain finish its batch."""

    max_connection_wait_time = 2.0

    def handle_warm_shutdown_request(self) -> None:
        if self.horse_pid:
            os.kill(self.horse_pid, signal.SIGTERM)

    def setup_work_horse_signals(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _stop)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    drain.stopping.set()


def once(runtime: Runtime, queue: str) -> None:
    """Drain every topic of a queue, as the relay asks for while Redis is away."""
    signal.signal(signal.SIGTERM, _stop)
    for topic in registry.of_queue(queue):
        drain.drain(runtime, topic, go_on=lambda: not drain.stopping.is_set())


def serve(runtime: Runtime, queue: str) -> bool:
    """Work until told to stop (True) or until RQ gives up on a lost Redis (False)."""
    worker = DrainWorker(
        [queue],
        connection=runtime.redis,
        serializer=JSONSerializer,
        default_result_ttl=0,
        worker_ttl=30,
        maintenance_interval=10,
        job_monitoring_interval=5,
        log_job_description=False,
    )
    worker.log_result_lifespan = False
    worker.work(logging_level="WARNING")
    return worker._shutdown_requested_date is not None


def serve_on(runtime: Runtime, queue: str) -> None:
    """A fresh worker whenever one has ended for want of Redis: a new process would cost seconds of imports."""
    while True:
        signal.signal(signal.SIGTERM, _leave)
        signal.signal(signal.SIGINT, _leave)
        try:
            if serve(runtime, queue):
                return
        except RedisError as error:
            logger.warning("Redis is away (%s)", type(error).__name__)
        signal.signal(signal.SIGTERM, _leave)
        signal.signal(signal.SIGINT, _leave)
        time.sleep(0.5)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def main(arguments: list[str] | None = None) -> int:
    """0 when told to stop or when everything is drained."""
    parser = argparse.ArgumentParser(prog="workers.main", description=__doc__)
    parser.add_argument("queue", choices=QUEUES)
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args(arguments)
    runtime = process.begin()
    for topic in registry.of_queue(options.queue):
        registry.handler(topic)  # imported before the fork: children share the memory and start at once
    process.trim()
    if options.once:
        once(runtime, options.queue)
    else:
        serve_on(runtime, options.queue)
    return 0


if __name__ == "__main__":
    sys.exit(main())
