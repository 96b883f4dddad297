"""The RQ side of the relay: at most one drain job per topic, and none that waits for ever.

Job ids are ``drain-<topic>`` and unique. A job can be left behind: QUEUED but in no queue (a failover,
a worker killed between taking and starting it), or started by a worker that died. It counts as lost
when it is in no queue and nothing has beaten for it a while; a second drain by mistake is harmless,
because leases decide who works on what.
"""

from __future__ import annotations

import time

from redis import Redis
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from workers.drain import TURN, beat_key
from workers.kinds import Topic

#: Seconds between taking a job from the queue and its first beat, on a busy machine.
GRACE = 1.5


class Wakeups:
    """Enqueues drain jobs; remembers since when a job has been out of sight."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._missing: dict[str, float] = {}

    def wake(self, topic: Topic) -> None:
        """Make sure that a drain of this topic is waiting or running; raises ``RedisError`` when Redis is away."""
        queue = Queue(topic.queue, connection=self._redis, serializer=JSONSerializer)
        job_id = f"drain-{topic.name}"
        try:
            self._enqueue(queue, topic, job_id)
        except DuplicateJobError:
            if self._lost(queue, topic, job_id):
                self._redis.delete(Job.key_for(job_id))
                self._enqueue(queue, topic, job_id)

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
        )
        self._missing.pop(topic.name, None)

    def _lost(self, queue: Queue, topic: Topic, job_id: str) -> bool:
        waiting = self._redis.lpos(queue.key, job_id) is not None
        if waiting or self._redis.exists(beat_key(topic.name)):
            self._missing.pop(topic.name, None)
            return False
        return time.monotonic() - self._missing.setdefault(topic.name, time.monotonic()) > GRACE
