"""The RQ side of the relay: at most one drain job per topic, and none that waits for ever.

Job ids are ``drain-<topic>`` and unique. A job can be left behind: QUEUED but in no queue (a failover,
a worker killed between taking and starting it), or started by a worker that died. It counts as lost
when it is in no queue and nothing has beaten for it a while; a second drain by mistake is harmless,
because leases decide who works on what.
"""

from __future__ import annotations

import time
from collections.abc import Collection

from redis import Redis
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from workers.drain import TURN, beat_key
from workers.kinds import Topic

#: Seconds between taking a job from the queue and its first beat, on a busy machine.
GRACE = 1.5
#: Seconds a job may wait for a worker before the relay helps.
PATIENCE = 2.0


class Wakeups:
    """Enqueues drain jobs; remembers since when a job has waited, or been out of sight."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._missing: dict[str, float] = {}
        self._waiting: dict[str, float] = {}

    def rest(self, topics: Collection[str]) -> None:
        """Forget how long the jobs of topics without due work have waited."""
        self._waiting = {name: since for name, since in self._waiting.items() if name in topics}

    def wake(self, topic: Topic) -> bool:
        """Make sure that a drain of this topic is waiting or running; raises ``RedisError`` when Redis is away.

        False when it has waited so long that the worker must be dead or overloaded: the caller may help.
        """
        queue = Queue(topic.queue, connection=self._redis, serializer=JSONSerializer)
        job_id = f"drain-{topic.name}"
        try:
            self._enqueue(queue, topic, job_id)
        except DuplicateJobError:
            if self._lost(queue, topic, job_id):
                self._redis.delete(Job.key_for(job_id))
                self._enqueue(queue, topic, job_id)
        since = self._waiting.get(topic.name)
        return since is None or time.monotonic() - since < PATIENCE

    def _enqueue(self, queue: Queue, topic: Topic, job_id: str) -> None:
        queue.enqueue_call(
            "workers.drain.job",
            args=(topic.name,),
            job_id=job_id,
            unique=True,
            result_ttl=0,
            failure_ttl=60,
            timeout=int(TURN + topic.lease + 30),
            description=topic.name,
            at_front=topic.urgent,
        )
        self._missing.pop(topic.name, None)
        self._waiting.setdefault(topic.name, time.monotonic())

    def _lost(self, queue: Queue, topic: Topic, job_id: str) -> bool:
        running = bool(self._redis.exists(beat_key(topic.name)))
        if running:
            self._waiting.pop(topic.name, None)
        if running or self._redis.lpos(queue.key, job_id) is not None:
            self._missing.pop(topic.name, None)
            return False
        return time.monotonic() - self._missing.setdefault(topic.name, time.monotonic()) > GRACE
