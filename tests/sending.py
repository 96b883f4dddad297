"""Text messages by the thousand on their way out, and what became of them: for tests, drills and figures of sending."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from backend.accounts.policy import mobile_index
from backend.gateways.clock import FileClock
from backend.kernel import ids
from backend.kernel.clock import SHANGHAI, system_clock
from backend.kernel.crypto import place
from backend.models.base import Base
from backend.models.delivery import Delivery, Provider
from backend.models.outbox import Outbox
from backend.models.resident import Resident
from backend.notifications import planning, service as notifications
from backend.notifications.planning import Reach
from backend.runtime import Runtime, build_runtime
from config.settings import Settings, load_settings
from ops.migrate import TIPS
from tests.schema import build

TEMPLATE = "correction_requested"
PARAMS = {"service": "婚育情况证明", "number": "YG-1", "phone": "0632-12345", "due_on": date(2027, 3, 8)}
#: What one person may get a day must not hide what a fault loses.
ENVIRONMENT = {"MESSAGES_PER_PERSON_DAY": "1000", "SMS_CALLS_SECOND": "10000", "WECHAT_CALLS_SECOND": "10000"}
TOPIC = planning.TOPICS["sms"]
OPEN = ("due", "leased", "sending")
CHUNK = 500
#: What waits no longer than that comes by itself.
SOON = timedelta(seconds=3)
SERIALS = itertools.count(1)


@contextmanager
def installation(database_url: str, redis_url: str, **more: str) -> Iterator[tuple[Settings, Runtime]]:
    """A data directory and a runtime on a database with all tables."""
    with TemporaryDirectory(prefix="yg-") as directory:
        values = {"PROFILE": "test", "DATA_DIR": directory, **ENVIRONMENT, **more}
        settings = load_settings(values | {"DATABASE_URL": database_url, "REDIS_URL": redis_url})
        build(settings.tips.database_url, TIPS)
        runtime = build_runtime(settings, patient=True)
        try:
            yield settings, runtime
        finally:
            runtime.db.dispose()
            runtime.redis.close()


def clock_of(settings: Settings) -> FileClock:
    """The clock that every process of the installation reads."""
    return FileClock(settings.data_dir / "clock.json")


def day(settings: Settings, *, hour: int = 9, minute: int = 0) -> datetime:
    """Set the product's clock to that time of yesterday in China: nothing leaves the house by night.

    A provider is asked for the fate of messages by the product's time: one that is ahead would find nothing.
    """
    moment = datetime.combine(date.today() - timedelta(days=1), time(hour, minute), SHANGHAI)  # noqa: DTZ011 - any day will do
    clock_of(settings).set(moment)
    return moment


def people(runtime: Runtime, number: int) -> list[int]:
    """New residents, who can be reached by SMS and chose nothing."""
    pieces = range(0, number, CHUNK)
    return [one for start in pieces for one in runtime.db.transact(_people, runtime, min(CHUNK, number - start))]


def _people(session: Session, runtime: Runtime, number: int) -> list[int]:
    now = runtime.clock()
    rows = []
    for person in ids.new_ids(now, number):
        key = runtime.vault.new_person_key(person)
        mobile = f"139{next(SERIALS):08d}"
        sealed = runtime.vault.person(key, person).seal_text(mobile, place("resident", "mobile", person))
        row = {"id": person, "key": key, "mobile": sealed, "mobile_index": mobile_index(runtime.vault, mobile)}
        rows.append(row | {"created_at": now, "updated_at": now})
    session.execute(insert(Resident), rows)
    return [row["id"] for row in rows]


def leave(
    runtime: Runtime,
    readers: Sequence[int],
    number: int,
    *,
    channels: Sequence[str] = ("sms",),
    not_after: datetime | None = None,
    mark: str = "m",
) -> list[str]:
    """That many messages, in turns to all readers; the keys that the provider must see once each."""
    reach = Reach(runtime.settings.base_url, not_after, channels)
    wanted = list(zip(range(number), itertools.cycle(readers), strict=False))
    for start in range(0, number, CHUNK):
        runtime.db.transact(_leave, runtime, wanted[start : start + CHUNK], reach, mark)
    runtime.wake(TOPIC)
    return keys_of(runtime, mark)


def _leave(session: Session, runtime: Runtime, wanted: Sequence[tuple[int, int]], reach: Reach, mark: str) -> None:
    """Told as a worker tells, so that whatever a message needs is there."""
    now = runtime.clock()
    for number, resident in wanted:
        notifications.tell(
            session,
            runtime.vault,
            resident_id=resident,
            template=TEMPLATE,
            event=f"{mark}:{number}",
            params=PARAMS,
            reach=reach,
            now=now,
        )


def keys_of(runtime: Runtime, mark: str) -> list[str]:
    """What the provider must see once each: the first deliveries of everything that was left under a mark."""
    with runtime.db.reading() as session:
        first = (Delivery.event.startswith(f"{mark}:"), Delivery.channel == "sms")
        return [f"{TOPIC}:{found}" for found in session.scalars(select(Delivery.id).where(*first))]


def sent(settings: Settings) -> list[tuple[str, datetime]]:
    """(key, when by the product's clock) of every text message in the demo's file, in the order of sending."""
    path = Path(settings.data_dir / "messages.jsonl")
    if not path.exists():
        return []
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(line["key"], datetime.fromisoformat(line["sent_at"])) for line in lines]


def twice(keys: Sequence[str]) -> list[str]:
    return [key for key, number in Counter(keys).items() if number > 1]


def unfinished(runtime: Runtime) -> int:
    """Rows of the outbox that still wait or are being worked on."""
    with runtime.db.reading() as session:
        counted = select(func.count()).select_from(Outbox).where(Outbox.status.in_(OPEN))
        return session.scalar(counted) or 0


def fates(runtime: Runtime) -> Mapping[str, int]:
    """State of a delivery → how many there are."""
    with runtime.db.reading() as session:
        rows = session.execute(select(Delivery.status, func.count()).group_by(Delivery.status)).all()
    return dict(rows)


def due_before(runtime: Runtime, moment: datetime) -> int:
    """Rows that wait and should be worked on by then."""
    with runtime.db.reading() as session:
        late = select(func.count()).select_from(Outbox).where(Outbox.status.in_(OPEN), Outbox.due_at <= moment)
        return session.scalar(late) or 0


def multiply(runtime: Runtime, times: int) -> int:
    """Every delivery that waits, so many times in all, without its inbox message; how many wait now.

    Telling costs milliseconds each: what is measured is sending, and a hundred thousand are wanted.
    """
    with runtime.db.reading() as session:
        found = session.scalars(select(Delivery.id).where(Delivery.status == "waiting")).all()
    for start in range(0, len(found), 20):
        runtime.db.transact(_multiply, runtime, found[start : start + 20], times)
    runtime.wake(TOPIC)
    return len(found) * times


def _multiply(session: Session, runtime: Runtime, found: Sequence[int], times: int) -> None:
    free, copies, work = ids.new_ids(runtime.clock(), len(found) * times), [], []
    both = select(Delivery, Outbox, Resident.key).join(Outbox, Outbox.subject_id == Delivery.id)
    both = both.join(Resident, Resident.id == Delivery.resident_id).where(Outbox.topic == TOPIC, Delivery.id.in_(found))
    for delivery, row, key in session.execute(both):
        seal = runtime.vault.person(key, delivery.resident_id)
        content = seal.open_text(delivery.content, place("delivery", "content", delivery.id))
        for number in range(1, times):
            copy = free.pop()
            sealed = seal.seal_text(content, place("delivery", "content", copy))
            event = f"{delivery.event}:{number}"
            copies.append(_values(delivery) | {"id": copy, "event": event, "content": sealed})
            work.append(_values(row) | {"subject_id": copy, "dedupe_key": f"{TOPIC}:{copy}"})
    for one in work:
        del one["id"]
    session.execute(insert(Delivery), copies)
    session.execute(insert(Outbox), work)


def _values(row: Base) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


def due(runtime: Runtime) -> tuple[datetime, datetime] | None:
    """When the first and the last delivery that waits, or is being sent, is due."""
    with runtime.db.reading() as session:
        going = (Outbox.topic.in_(planning.TOPICS.values()), Outbox.status.in_(OPEN))
        wanted = select(func.min(Outbox.due_at), func.max(Outbox.due_at)).where(*going)
        first, last = session.execute(wanted).one()
    return (first, last) if first else None


def ended(settings: Settings, runtime: Runtime) -> bool:
    """Whether nothing waits any more; moves the product's clock to the next tries when all that is left waits for them.

    To the last of them: they are scattered on purpose, and a turn for each alone would take all day.
    """
    now, found = runtime.clock(), due(runtime)
    if found is not None and found[0] > now + SOON:
        clock_of(settings).set(found[1])
        runtime.wake("clock")
    return found is None


def run_out(runtime: Runtime) -> int:
    """Let the leases of dead workers run out now instead of in half a minute; how many."""
    return runtime.db.transact(_run_out)


def _run_out(session: Session) -> int:
    held = update(Outbox).where(Outbox.status.in_(("leased", "sending")))
    result = session.execute(held.values(lease_until=system_clock() - timedelta(seconds=1)))
    return int(result.rowcount)  # type: ignore[attr-defined]  # an UPDATE's CursorResult


def rest_over(runtime: Runtime) -> None:
    """Let the rest of providers that were left alone be over now."""
    runtime.db.transact(lambda session: session.execute(update(Provider).values(open_until=None)))
