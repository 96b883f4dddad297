"""Waking the workers while Redis is there, gone and back; and the memory of a process that sends and sends.

Messages are committed at an even pace and counted at the provider (the demo's file). The floor of both is the same
installation with Redis at hand: what losing it costs is what is measured.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from backend.runtime import REST, Runtime
from bench.context import Context
from bench.harness import Figure, absolute, compare
from config.settings import Settings
from ops.migrate import upgrade
from tests import sending
from tests.servers import Broker
from tests.workers.processes import RELAY, WORKER, Process, eventually

#: Messages of each state of Redis, and how many are committed a second.
MESSAGES, PACE = 200, 25
#: Commits of one round of the rate at which messages are acknowledged.
COMMITS = 100
PEOPLE, EACH = 2000, 50
#: Messages after which a process has seen everything that it will ever load.
WARM = 4000
PATIENCE = 2400


def run(context: Context) -> list[Figure]:
    url = context.mariadb.url("wake")
    upgrade(url)
    with Broker() as broker, sending.installation(url, broker.url(), LOG_LEVEL="WARNING") as (settings, runtime):
        sending.day(settings, hour=8, minute=1)
        found = _waking(settings, runtime, broker)
        broker.kill()
        return [*found, _memory(settings, runtime)]


def _waking(settings: Settings, runtime: Runtime, broker: Broker) -> list[Figure]:
    readers = sending.people(runtime, 50)
    with ExitStack() as stack:
        for module in (RELAY, WORKER):
            stack.enter_context(Process(settings, *module, more=sending.ENVIRONMENT))
        _late(settings, runtime, readers, "warm")
        there = _late(settings, runtime, readers, "there")
        broker.kill()
        gone = _late(settings, runtime, readers, "gone")
        broker.start()
        back = _late(settings, runtime, readers, "back")
        rate = _acknowledging(runtime, readers, broker)
    unit = f"s p99 from commit to provider, {MESSAGES} of {MESSAGES}"
    return [
        absolute("wake_redis_gone", gone, goal="≤ 5", unit=unit, floor=there),
        absolute("wake_redis_back", back, goal="≤ 5", unit=unit, floor=there),
        rate,
    ]


def _late(settings: Settings, runtime: Runtime, readers: list[int], mark: str) -> float:
    """Leave messages at the pace; the seconds within which 99 of 100 have reached the provider."""
    committed: dict[str, float] = {}
    begin = time.monotonic()
    for number in range(MESSAGES):
        time.sleep(max(0.0, begin + number / PACE - time.monotonic()))
        (key,) = sending.leave(runtime, [readers[number % len(readers)]], 1, mark=f"{mark}{number}")
        committed[key] = runtime.clock().timestamp()
    if not eventually(lambda: len(_sent(settings).keys() & committed.keys()) == MESSAGES, seconds=60):
        raise SystemExit(f"wake: {MESSAGES} messages were committed ({mark}), fewer have arrived")
    late = sorted(_sent(settings)[key] - at for key, at in committed.items())
    return late[int(MESSAGES * 0.99) - 1]


def _sent(settings: Settings) -> dict[str, float]:
    return {key: at.timestamp() for key, at in sending.sent(settings)}


def _acknowledging(runtime: Runtime, readers: list[int], broker: Broker) -> Figure:
    """How fast messages are acknowledged: nobody who leaves one waits for a Redis that is not there."""

    def rate(mark: str) -> Callable[[], float]:
        def measure() -> float:
            (broker.start if mark == "there" else broker.kill)()
            time.sleep(REST)  # a broker that was away is left alone for a while
            begin = time.perf_counter()
            for number in range(COMMITS):
                sending.leave(runtime, [readers[number % len(readers)]], 1, mark=f"{mark}{time.monotonic_ns()}")
            return COMMITS / (time.perf_counter() - begin)

        return measure

    return compare("wake_commits", floor=rate("there"), ours=rate("gone"), goal="≥ 0.9", unit="commits/s", rounds=3)


def _memory(settings: Settings, runtime: Runtime) -> Figure:
    """Without Redis the relay sends everything itself: no process of ours lives through more messages than that."""
    sending.leave(runtime, sending.people(runtime, PEOPLE), PEOPLE, mark="memory")
    begun = len(sending.sent(settings))
    number = sending.multiply(runtime, EACH)
    with Process(settings, *RELAY, more=sending.ENVIRONMENT) as relay:
        assert relay.process is not None
        pid = relay.process.pid
        _until_sent(settings, begun + WARM)
        warm = _resident(pid)
        highest = warm
        end = time.monotonic() + PATIENCE
        while sending.unfinished(runtime) and time.monotonic() < end:
            highest = max(highest, _resident(pid))
            time.sleep(0.5)
    if sending.unfinished(runtime):
        raise SystemExit(f"worker_memory: {number} messages were not sent within {PATIENCE} s")
    unit = f"MB more after {number} messages than after {WARM}"
    return absolute("worker_memory", highest - warm, goal="≤ 20", unit=unit, floor=warm)


def _until_sent(settings: Settings, number: int) -> None:
    if not eventually(lambda: len(sending.sent(settings)) >= number, seconds=PATIENCE):
        raise SystemExit(f"worker_memory: {number} messages were not sent within {PATIENCE} s")


def _resident(pid: int) -> float:
    """Megabytes of memory that a process has now (Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024
