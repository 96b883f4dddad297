"""Background work that was given up: what administrators see of it, and another try; ids and error kinds only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.administration.policy import Administrator, check_whole
from backend.events import journal, leasing
from backend.events.uncounted import COUNTED
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.models.outbox import Outbox

KINDS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Dead:
    """One row that was given up."""

    id: int
    topic: str
    attempts: int
    due_at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class DeadKind:
    """Rows of one topic that ended with one kind of error. ``first``: the id of the oldest, for a single try."""

    topic: str
    error: str
    count: int
    oldest: datetime
    first: int


def dead_kinds(session: Session, *, admin: Administrator) -> list[DeadKind]:
    """What was given up by topic and kind of error, the most frequent first; at most ``KINDS_SHOWN``."""
    check_whole(admin)
    count = func.count()
    rows = session.execute(
        select(Outbox.topic, Outbox.last_error, count, func.min(Outbox.created_at), func.min(Outbox.id))
        .where(Outbox.status == "dead", COUNTED)
        .group_by(Outbox.topic, Outbox.last_error)
        .order_by(count.desc(), Outbox.topic, Outbox.last_error)
        .limit(KINDS_SHOWN)
    )
    return [DeadKind(topic, error or "", number, oldest, first) for topic, error, number, oldest, first in rows]


def dead(session: Session, *, admin: Administrator, after: int = 0, limit: int) -> list[Dead]:
    """Rows that were given up, the oldest first."""
    check_whole(admin)
    rows = session.execute(
        select(Outbox.id, Outbox.topic, Outbox.attempts, Outbox.due_at, Outbox.last_error)
        .where(Outbox.status == "dead", Outbox.id > after, COUNTED)
        .order_by(Outbox.id)
        .limit(limit)
    )
    return [Dead(row[0], row[1], row[2], row[3], row[4] or "") for row in rows]


def replay(
    session: Session, *, admin: Administrator, row: int | None = None, topic: str | None = None, now: datetime
) -> int:
    """Try one row, or all of a topic, again from the beginning; how many. ``NotFound`` when nothing is dead there."""
    check_whole(admin)
    count = leasing.replay(session, now=now, topic=topic, row=row)
    if not count:
        raise NotFound("not_found", N_("没有等着再试的了，可能已经有人点过"))
    subject = topic or str(row)
    journal.write(
        session, actor=admin.actor, act="work.replay", subject=subject, changes={"rows": (None, count)}, now=now
    )
    return count
