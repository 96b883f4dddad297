"""Relay, workers, Redis and their deaths, with real processes."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis
from rq import Queue
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from sqlalchemy import select

from backend.gateways.clock import FileClock
from backend.kernel.clock import system_clock
from backend.models.application import Application
from backend.models.outbox import PeriodicWork
from backend.notifications import planning
from backend.runtime import Runtime, build_runtime
from config.settings import Settings
from tests.servers import Broker
from tests.workers import world as worlds
from tests.workers.processes import HEAVY, RELAY, WORKER, Process, eventually
from tests.workers.world import World
from workers import registry
from workers.schedule import Periodic, Schedule, claim
from workers.wakeups import GRACE, Wakeups

TOPIC = "application_accepted"


@pytest.fixture
def own_broker() -> Iterator[Broker]:
    """A Redis that a test may kill."""
    with Broker() as broker:
        yield broker


@pytest.fixture
def mine(settings: Settings, own_broker: Broker) -> Settings:
    return replace(settings, redis_url=own_broker.url())


@pytest.fixture
def county(mine: Settings) -> Iterator[World]:
    built = build_runtime(mine, patient=True)
    yield worlds.build(built)
    built.db.dispose()


def told(world: World, number: int) -> bool:
    return eventually(lambda: len(world.messages()) == number)


def test_relay_and_workers_work_everything_off_and_end_on_sigterm(county: World, mine: Settings) -> None:
    county.case("approved", "application_approved")
    county.receipt()
    with Process(mine, *RELAY) as relay, Process(mine, *WORKER) as now, Process(mine, *HEAVY) as heavy:
        assert eventually(lambda: [done for _, done in county.certificates()] == [True])
        assert eventually(lambda: county.receipts() == [True])
        assert told(county, 1)
        assert [process.end() for process in (relay, now, heavy)] == [0, 0, 0]
        assert "application" not in now.log()
    # What leaves the house may wait for the morning, at whatever hour this runs.
    inside = [states for topic, states in county.work().items() if topic not in planning.TOPICS.values()]
    assert {status for states in inside for status in states} == {"done"}


def test_redis_stopped_relay_works_by_itself_and_workers_come_back(
    county: World, mine: Settings, own_broker: Broker
) -> None:
    with Process(mine, *RELAY) as relay, Process(mine, *WORKER) as now:
        own_broker.kill()
        county.case("in_review", TOPIC)
        county.receipt()
        assert told(county, 1)
        assert eventually(lambda: county.receipts() == [True])
        own_broker.start()
        county.case("in_review", TOPIC)
        assert told(county, 2)
        assert not relay.ended()
        assert not now.ended()


def test_worker_started_before_redis_waits_for_it(county: World, mine: Settings, own_broker: Broker) -> None:
    own_broker.kill()
    with Process(mine, *WORKER) as worker:
        assert eventually(lambda: "Redis is away" in worker.log())
        own_broker.start()
        assert eventually(lambda: bool(Redis.from_url(mine.redis_url).scard("rq:workers")))
        assert worker.end() == 0


def test_worker_waiting_for_redis_ends_on_sigterm(county: World, mine: Settings, own_broker: Broker) -> None:
    own_broker.kill()
    with Process(mine, *WORKER) as worker:
        assert eventually(lambda: "Redis is away" in worker.log())
        assert worker.end() == 0


def test_relay_helps_when_no_worker_takes_the_job(county: World, mine: Settings) -> None:
    county.case("in_review", TOPIC)
    county.receipt()
    with Process(mine, *RELAY):
        assert told(county, 1)
        assert eventually(lambda: county.receipts() == [True])


def test_flushall_with_a_queued_job_loses_nothing(county: World, mine: Settings) -> None:
    case = county.case("in_review", TOPIC)
    with Process(mine, *RELAY), Redis.from_url(mine.redis_url) as client:
        assert eventually(lambda: bool(client.exists(Job.key_for(f"drain-{TOPIC}"))))
        client.flushall()
        with Process(mine, *WORKER):
            assert told(county, 1)
    assert county.messages() == [(TOPIC, f"{TOPIC}:{case}:1")]


def test_two_relays_and_two_workers_tell_once(county: World, mine: Settings) -> None:
    with ExitStack() as stack:
        for module in (RELAY, RELAY, WORKER, WORKER):
            stack.enter_context(Process(mine, *module))
        for _ in range(40):
            county.case("in_review", TOPIC)
        assert told(county, 40)
        time.sleep(2)
    assert len(set(county.messages())) == len(county.messages()) == 40
    assert set(county.work()[TOPIC]) == {"done"}


def test_worker_killed_with_its_job_is_replaced(county: World, mine: Settings) -> None:
    with Process(mine, *RELAY), Process(mine, *WORKER) as worker:
        assert eventually(lambda: bool(Redis.from_url(mine.redis_url).scard("rq:workers")))
        for _ in range(3):
            county.case("in_review", TOPIC)
            worker.end(signal.SIGKILL)
            worker.start()
        assert told(county, 3)


def test_job_in_no_queue_is_enqueued_again_after_a_grace(runtime: Runtime) -> None:
    topic, wakeups = registry.TOPICS[TOPIC], Wakeups(runtime.redis)
    queue = Queue(topic.queue, connection=runtime.redis, serializer=JSONSerializer)
    wakeups.wake(topic)
    wakeups.wake(topic)
    assert queue.job_ids == [f"drain-{TOPIC}"]
    runtime.redis.delete(queue.key)
    wakeups.wake(topic)
    assert queue.job_ids == []
    time.sleep(GRACE + 0.1)
    wakeups.wake(topic)
    assert queue.job_ids == [f"drain-{TOPIC}"]
    job = Job.fetch(f"drain-{TOPIC}", connection=runtime.redis, serializer=JSONSerializer)
    assert job.get_status() == JobStatus.QUEUED


def test_periodic_work_is_claimed_by_one_relay_per_period(runtime: Runtime) -> None:
    work = Periodic("t", timedelta(minutes=1), lambda _: 0)
    now = system_clock()

    def claimed(minutes: float) -> list[bool]:
        moment = now + timedelta(minutes=minutes)
        return [runtime.db.transact(claim, work=work, now=moment, early=False) for _ in range(2)]

    assert [claimed(minutes) for minutes in (0, 0.5, 1.1)] == [[True, False], [False, False], [True, False]]


def test_failed_periodic_work_is_noted_and_the_next_still_runs(runtime: Runtime) -> None:
    ran: list[str] = []

    def broken(_: Runtime) -> int:
        raise LookupError("王")

    every = timedelta(minutes=1)
    works = (Periodic("a", every, broken), Periodic("b", every, lambda _: ran.append("b") or 1))
    Schedule(runtime, works).run()
    assert ran == ["b"]
    with runtime.db.reading() as session:
        rows = dict(session.execute(select(PeriodicWork.name, PeriodicWork.last_error)).all())
    assert rows["b"] is None
    assert rows["a"].startswith("LookupError")
    assert "王" not in rows["a"]


def test_moved_clock_makes_all_periodic_work_due(county: World, mine: Settings) -> None:
    draft = county.case("draft", "")
    with Process(mine, *RELAY), Process(mine, *WORKER):
        assert told(county, 1)
        assert county.messages()[0][0] == "draft_expiring"
        FileClock(mine.data_dir / "clock.json").set(system_clock() + timedelta(days=30))
        county.runtime.wake("clock")
        assert eventually(lambda: not exists(county, draft), seconds=8)


def exists(world: World, case: int) -> bool:
    with world.runtime.db.reading() as session:
        return session.get(Application, case) is not None
