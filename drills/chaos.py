"""Nothing acknowledged is lost: producers commit work while workers, relay, Redis and MariaDB are killed.

Three producers leave messages and sign-in codes in the outbox and note what the database has acknowledged. A
monkey with a seed kills processes with -9 and empties Redis. In the end the acknowledged and the delivered
are compared as sets. The inbox is a keyed receiver (a message is told once per event), SMS is not.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.db import Database
from backend.events import outbox
from backend.kernel.clock import system_clock
from backend.kernel.errors import Unavailable
from backend.models.notification import Message
from backend.models.outbox import Outbox
from backend.runtime import build_runtime
from bench.harness import absolute, write
from config.settings import Settings, load_settings
from drills.verdict import Verdict
from tests.schema import build_both
from tests.servers import Broker, MariaDb
from tests.workers import world as worlds
from tests.workers.processes import HEAVY, RELAY, WORKER, Process
from tests.workers.world import World

TOPIC = "application_accepted"
CODE = "sms_code"
PRODUCERS = 3
#: Messages a second and producer.
PACE = 40
#: One message in so many is a text message.
CODES = 10
SECONDS = 120
SAMPLE_SECONDS = 14
BLOWS = {"worker": 8, "relay": 5, "redis": 4, "mariadb": 4, "flushall": 6}
SLOWEST, LONGEST_BACKLOG = 10.0, 10.0


@dataclass(frozen=True, slots=True)
class Stage:
    """The servers, the processes and the county of one drill."""

    settings: Settings
    mariadb: MariaDb
    broker: Broker
    processes: dict[str, Process]
    world: World
    cases: list[int]


def run(seed: int, *, sample: bool = False) -> Verdict:
    """120 s (a sample: 14 s, one blow of each kind), then the count."""
    seconds = SAMPLE_SECONDS if sample else SECONDS
    blows = dict.fromkeys(BLOWS, 1) if sample else BLOWS
    with _stage() as stage:
        notes = _produce(stage, seed, seconds, lambda: _strike(stage, seed, seconds, blows))
        backlog = _until_empty(stage)
        return _judge(stage, notes, backlog, blows, keep=not sample)


@contextmanager
def _stage() -> Iterator[Stage]:
    with ExitStack() as stack:
        mariadb, broker = stack.enter_context(MariaDb(durable=True)), stack.enter_context(Broker())
        settings = load_settings(
            {
                "PROFILE": "test",
                "DATA_DIR": stack.enter_context(tempfile.TemporaryDirectory(prefix="yg-")),
                "DATABASE_URL": mariadb.url("chaos"),
                "REDIS_URL": broker.url(),
            }
        )
        build_both(settings)
        runtime = build_runtime(settings, patient=True)
        stack.callback(runtime.db.dispose)
        world = worlds.build(runtime)
        cases = [world.case("in_review", "") for _ in range(30)]
        modules = {"worker": WORKER, "heavy": HEAVY, "relay": RELAY}
        processes = {name: stack.enter_context(Process(settings, *module)) for name, module in modules.items()}
        _warm_up(world)
        runtime.db.dispose()  # producers fork: no connection may be shared
        yield Stage(settings, mariadb, broker, processes, world, cases)


def _warm_up(world: World) -> None:
    """Wait until a first message has gone through: the drill is about deaths, not about the first start."""
    world.case("in_review", TOPIC)
    while not world.messages():
        time.sleep(0.1)


def _produce(stage: Stage, seed: int, seconds: int, strike: Callable[[], None]) -> list[tuple[str, float]]:
    """Run the producers while ``strike`` goes on; every acknowledged key with its moment (Unix time)."""
    fork = multiprocessing.get_context("fork")
    paths = [stage.settings.data_dir / f"acknowledged-{number}" for number in range(PRODUCERS)]
    producers = [
        fork.Process(target=_producer, args=(stage, path, seed + number, seconds)) for number, path in enumerate(paths)
    ]
    for producer in producers:
        producer.start()
    over = threading.Event()
    keeper = threading.Thread(target=_keep_alive, args=(stage, over))
    keeper.start()
    strike()
    for producer in producers:
        producer.join()
    over.set()
    keeper.join()
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    return [(key, float(moment)) for key, moment in (line.split() for line in lines)]


def _producer(stage: Stage, path: Path, seed: int, seconds: int) -> None:
    """Commit messages at an uneven pace; one that is not acknowledged is tried again under the same key."""
    dice = random.Random(seed)
    runtime = build_runtime(stage.settings)
    end, number = time.monotonic() + seconds, 0
    with path.open("w", encoding="utf-8") as notes:
        while time.monotonic() < end:
            number += 1
            key = f"{seed}-{number}"
            if number % CODES:
                key = _until_acknowledged(runtime.db, _leave_message, dice.choice(stage.cases), key)
            else:
                key = _until_acknowledged(runtime.db, _leave_code, stage.world, key)
            notes.write(f"{key} {time.time()}\n")
            runtime.wake(TOPIC)
            time.sleep(dice.uniform(0, 2 / PACE))


def _until_acknowledged(db: Database, command: Callable[..., str], *arguments: object) -> str:
    while True:
        try:
            return db.transact_once(command, *arguments)
        except Unavailable:
            time.sleep(0.2)
        except IntegrityError as twice:  # an earlier try was committed and its answer lost
            return str(twice.orig.args[1]).split("'")[1]  # type: ignore[union-attr]


def _leave_message(session: Session, case: int, key: str) -> str:
    full = f"{TOPIC}:{case}:{key}"
    outbox.add(session, topic=TOPIC, subject_id=case, dedupe_key=full, now=system_clock())
    session.flush()
    return full


def _leave_code(session: Session, world: World, key: str) -> str:
    full = f"{CODE}:{key}"
    worlds.leave_code(session, world, key=full)
    session.flush()
    return full


def _keep_alive(stage: Stage, over: threading.Event) -> None:
    """What the supervisor does: start again what has ended."""
    while not over.wait(0.2):
        for process in stage.processes.values():
            if process.ended():
                process.start()


def _strike(stage: Stage, seed: int, seconds: int, blows: dict[str, int]) -> None:
    """Spread the blows over the time in an order that the seed decides."""
    dice = random.Random(seed)
    order = [kind for kind, number in blows.items() for _ in range(number)]
    dice.shuffle(order)
    begin, step = time.monotonic() + 2, (seconds - 4) / len(order)
    for place, kind in enumerate(order):
        time.sleep(max(0.0, begin + step * (place + dice.random() / 2) - time.monotonic()))
        _blow(stage, kind, dice)


def _blow(stage: Stage, kind: str, dice: random.Random) -> None:
    if kind in stage.processes:
        if not stage.processes[kind].ended():
            stage.processes[kind].kill()
    elif kind == "flushall":
        stage.world.runtime.redis.flushall()
    else:
        server = stage.broker if kind == "redis" else stage.mariadb
        server.kill()
        time.sleep(dice.uniform(0, 1))
        server.start()


def _until_empty(stage: Stage) -> float:
    """Seconds until no row waits or is being worked on; gives up after a minute."""
    begin = time.monotonic()
    over = threading.Event()
    keeper = threading.Thread(target=_keep_alive, args=(stage, over))
    keeper.start()
    while time.monotonic() - begin < 60 and _unfinished(stage):
        time.sleep(0.1)
    over.set()
    keeper.join()
    return time.monotonic() - begin


def _unfinished(stage: Stage) -> int:
    with stage.world.runtime.db.reading() as session:
        waiting = select(func.count()).select_from(Outbox).where(Outbox.status.in_(("due", "leased", "sending")))
        return session.scalar(waiting) or 0


def _judge(
    stage: Stage, notes: list[tuple[str, float]], backlog: float, blows: dict[str, int], *, keep: bool
) -> Verdict:
    acknowledged = dict(notes)
    with stage.world.runtime.db.reading() as session:
        told: list[tuple[str, datetime]] = [
            (event, at)
            for event, at in session.execute(select(Message.event, Message.sent_at))
            if not event.endswith(":1")  # the first one of the warm-up
        ]
        dead = session.scalar(select(func.count()).select_from(Outbox).where(Outbox.status == "dead"))
    sent = _sent(stage.settings.data_dir / "messages.jsonl")
    delivered = [*told, *sent.items()]
    counts = Counter(event for event, _ in told)
    twice = sum(number > 1 for number in counts.values())
    late = sorted(at.timestamp() - acknowledged[key] for key, at in delivered if key in acknowledged)
    keys = {key for key, _ in delivered}
    lost, unasked = set(acknowledged) - keys, keys - set(acknowledged)
    p99 = late[int(len(late) * 0.99)] if late else float("inf")
    held = not (lost or unasked or twice or dead)
    if keep:  # a sample runs beside other tests: no time can be promised there
        held = held and p99 <= SLOWEST and backlog <= LONGEST_BACKLOG
    if keep:
        write(
            [
                absolute("chaos", p99, goal=f"≤ {SLOWEST:.0f}", unit=f"s p99, {len(lost)} of {len(acknowledged)} lost"),
                absolute("chaos_backlog", backlog, goal=f"≤ {LONGEST_BACKLOG:.0f}", unit="s until empty"),
            ]
        )
    struck = ", ".join(f"{number} × {kind}" for kind, number in blows.items())
    return Verdict(
        held,
        f"{struck}; {len(acknowledged)} acknowledged, {len(lost)} lost, {len(unasked)} never acknowledged, "
        f"{twice} twice, {dead} dead, p99 {p99:.1f} s, slowest {late[-1] if late else 0:.1f} s, "
        f"empty {backlog:.1f} s after",
    )


def _sent(path: Path) -> dict[str, datetime]:
    """Text messages by key; one that was sent twice counts at its first time (SMS cannot be deduped)."""
    found: dict[str, datetime] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        values = json.loads(line)
        found.setdefault(values["key"], datetime.fromisoformat(values["sent_at"]))
    return found
