"""What the drills of sending share: servers, processes and a provider, what strikes them, and the count in the end."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from sqlalchemy import func, select

from backend.models.delivery import Delivery
from backend.models.outbox import Outbox
from backend.runtime import Runtime
from config.settings import Settings
from ops.migrate import upgrade
from tests import sending, tencent
from tests.servers import Broker, MariaDb
from tests.tencent import Tencent
from tests.workers.processes import RELAY, WORKER, Process

#: What goes wrong with a call that goes wrong, as often as it stands here. Half of it leaves in doubt whether it was
#: taken, and in half of these cases it was.
FAULTS = (
    *([tencent.BUSY] * 4),
    *([tencent.OVERLOADED] * 2),
    *([tencent.DOWN] * 2),
    *([tencent.CUT_BEFORE] * 2),
    *([tencent.CUT_AFTER] * 4),
    *([tencent.BROKEN] * 2),
    tencent.REFUSED,
)
#: How a delivery may end, with how often the provider may have taken it.
TAKEN: Mapping[str, tuple[int, int]] = {
    "sent": (1, 1),
    "delivered": (1, 1),
    "failed": (0, 0),
    "expired": (0, 0),
    "dropped": (0, 0),
    "doubtful": (0, 1),
}
AWAY = 60.0


@dataclass(frozen=True, slots=True)
class Stage:
    settings: Settings
    runtime: Runtime
    mariadb: MariaDb
    broker: Broker
    provider: Tencent
    processes: Mapping[str, Process]


@contextmanager
def stage(seed: int, *, workers: int = 1, clock: int = 8) -> Iterator[Stage]:
    """A relay and workers that send through a provider; nothing goes wrong yet, and nobody is started yet."""
    with ExitStack() as stack:
        mariadb, broker = stack.enter_context(MariaDb(durable=True)), stack.enter_context(Broker())
        provider = stack.enter_context(Tencent(seed=seed).serving())
        more = provider.environment() | {"SMS_TIMEOUT": "1", "LOG_LEVEL": "ERROR"}
        url = mariadb.url("sending")
        upgrade(url)
        settings, runtime = stack.enter_context(sending.installation(url, broker.url(), **more))
        sending.day(settings, hour=clock, minute=1)
        modules = {"relay": RELAY} | {f"worker{number}": WORKER for number in range(workers)}
        environment = sending.ENVIRONMENT | more
        processes = {name: Process(settings, *module, more=environment) for name, module in modules.items()}
        yield Stage(settings, runtime, mariadb, broker, provider, processes)


@contextmanager
def running(stage: Stage) -> Iterator[None]:
    """Start the processes and, as the supervisor does, start again what has ended."""
    over = threading.Event()

    def keep() -> None:
        while not over.wait(0.2):
            for process in stage.processes.values():
                if process.ended():
                    process.start()

    for process in stage.processes.values():
        process.start()
    keeper = threading.Thread(target=keep)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
        for process in stage.processes.values():
            if not process.ended():
                process.kill_all()


def strike(stage: Stage, kind: str, *, away: float) -> None:
    """One blow. ``away``: seconds without Redis."""
    if kind in stage.processes:
        if not stage.processes[kind].ended():
            with contextlib.suppress(ProcessLookupError):
                stage.processes[kind].kill_all()
    elif kind == "flushall":
        stage.runtime.redis.flushall()
    elif kind == "mariadb":
        stage.mariadb.restart()
    else:
        stage.broker.kill()
        time.sleep(away)
        stage.broker.start()


def until_ended(
    stage: Stage, *, seconds: float, blows: list[Callable[[], None]], total: int, hurry: bool = False
) -> float:
    """Strike at even parts of the way, let time pass when all waits for another try; seconds until nothing waits.

    ``hurry``: half a minute that leases of the dead and a resting provider take is not waited for.
    """
    begin = time.monotonic()
    marks = [total * (number + 1) / (len(blows) + 1) for number in range(len(blows))]
    while time.monotonic() - begin < seconds:
        if marks and sum(stage.provider.taken.values()) >= marks[0]:
            marks.pop(0)
            blows.pop(0)()
            if hurry:
                sending.run_out(stage.runtime)
        if sending.ended(stage.settings, stage.runtime):
            break
        if hurry:
            sending.rest_over(stage.runtime)
        time.sleep(0.5)
    return time.monotonic() - begin


def order(seed: int, blows: Mapping[str, int]) -> list[str]:
    """The blows in an order that the seed decides."""
    wanted = [kind for kind, number in blows.items() for _ in range(number)]
    random.Random(seed).shuffle(wanted)
    return wanted


@dataclass(frozen=True, slots=True)
class Count:
    """``wrong``: deliveries whose end is not what the provider counted; ``ends``: state → how many."""

    ends: Mapping[str, int]
    wrong: int
    twice: int
    strange: int
    dead: int

    @property
    def held(self) -> bool:
        return not (self.wrong or self.twice or self.strange)


def count(stage: Stage) -> Count:
    """Every delivery against what the provider took of it: sent means once, anything else is visible and says so."""
    taken = stage.provider.taken
    with stage.runtime.db.reading() as session:
        rows = session.execute(select(Delivery.id, Delivery.status).where(Delivery.channel == "sms")).all()
        dead = session.scalar(select(func.count()).select_from(Outbox).where(Outbox.status == "dead")) or 0
        buried = set(session.scalars(select(Outbox.subject_id).where(Outbox.status == "dead")))
    wrong = 0
    for delivery, status in rows:
        least, most = TAKEN.get(status, (0, 1) if delivery in buried else (1, 0))
        wrong += not least <= taken[f"{sending.TOPIC}:{delivery}"] <= most
    known = {f"{sending.TOPIC}:{delivery}" for delivery, _ in rows}
    strange = len(set(taken) - known)
    return Count(
        Counter(status for _, status in rows), wrong, len(sending.twice(list(taken.elements()))), strange, dead
    )
