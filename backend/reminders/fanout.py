"""Due reminders into the outbox, set by set: no row of a person passes through this program.

One transaction per batch. First the due moment of a range is set to a mark (a day on), then the rows that carry the
mark are written into the outbox; so exactly what was moved is left as work, whatever commits meanwhile. The work sets
the true next moment. Where the work dies, its row is due again a day later: nothing is lost. Started twice at the same
moment the second waits, finds the range moved, and what it still finds has its key in the outbox already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Insert, String, and_, cast, delete, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from backend.kernel.clock import today
from backend.kernel.quiet import NIGHT
from backend.models.base import UtcDateTime
from backend.models.outbox import Outbox
from backend.models.reminder import Reminder

TOPIC = "own_date"
#: FIGURES: 500 is 2.3 times as slow, 50,000 1.6 times.
BATCH = 10_000
AGAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the order (due_at, id) a batch ended."""

    due_at: datetime
    id: int


def fan_out(session: Session, *, now: datetime, after: Place | None = None, batch: int = BATCH) -> Place | None:
    """One batch of what is due after a place, not by night; where it ended, or ``None`` where nothing is left."""
    if NIGHT.holds(now):
        return None
    end, full = _end(session, now, after, batch)
    if end is None:
        return None
    # Different for every batch of one moment: the second INSERT would look at the rows of the first again.
    mark = now + AGAIN + timedelta(microseconds=end.id % 1_000_000)
    moved = update(Reminder).where(*_range(after, end)).values(due_at=mark)
    session.execute(moved.execution_options(synchronize_session=False))
    session.execute(_work(mark, now))
    return end if full else None


def bury(session: Session) -> None:
    """Delete work that died: its reminder is due again by itself, and nobody is to look at such rows."""
    session.execute(delete(Outbox).where(Outbox.topic == TOPIC, Outbox.status == "dead"))


def _end(session: Session, now: datetime, after: Place | None, batch: int) -> tuple[Place | None, bool]:
    """The last row of the next batch, by the index alone, and whether the batch is full."""
    due = select(Reminder.due_at, Reminder.id).where(Reminder.due_at <= now, *_beyond(after))
    order = (Reminder.due_at, Reminder.id)
    last = session.execute(due.order_by(*order).offset(batch - 1).limit(1)).one_or_none()
    if last is not None:
        return Place(last.due_at, last.id), True
    last = session.execute(due.order_by(*(column.desc() for column in order)).limit(1)).one_or_none()
    return (Place(last.due_at, last.id), False) if last is not None else (None, False)


def _beyond(after: Place | None) -> tuple[ColumnElement[bool], ...]:
    if after is None:
        return ()
    return (or_(Reminder.due_at > after.due_at, and_(Reminder.due_at == after.due_at, Reminder.id > after.id)),)


def _range(after: Place | None, end: Place) -> tuple[ColumnElement[bool], ...]:
    upto = or_(Reminder.due_at < end.due_at, and_(Reminder.due_at == end.due_at, Reminder.id <= end.id))
    return (*_beyond(after), upto)


def _work(mark: datetime, now: datetime) -> Insert:
    """``reference`` is the round; the key holds the day too, so that work that died can be left again."""
    moment = literal(now, UtcDateTime())
    row, turn = cast(Reminder.id, String(20)), cast(Reminder.round, String(10))
    values = {
        "topic": literal(TOPIC),
        "subject_id": Reminder.id,
        "reference": turn,
        "dedupe_key": literal(f"{TOPIC}:").concat(row).concat(":").concat(turn).concat(f":{today(now):%y%m%d}"),
        "status": literal("due"),
        "due_at": moment,
        "created_at": moment,
        "attempts": literal(0),
    }
    work = insert(Outbox).from_select(list(values), select(*values.values()).where(Reminder.due_at == mark))
    for engine in ("mysql", "mariadb"):
        work = work.prefix_with("IGNORE", dialect=engine)
    return work.prefix_with("OR IGNORE", dialect="sqlite")
