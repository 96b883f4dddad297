"""Background work that was given up: what administrators see of it, and another try; ids and error kinds only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.administration.policy import Administrator, check_whole
from backend.events import journal, leasing
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.models.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Dead:
    """One row that was given up."""

    id: int
    topic: str
    attempts: int
    due_at: datetime
    error: str


def dead(session: Session, *, admin: Administrator, after: int = 0, limit: int) -> list[Dead]:
    """Rows that were given up, the oldest first."""
    check_whole(admin)
    rows = session.execute(
        select(Outbox.id, Outbox.topic, Outbox.attempts, Outbox.due_at, Outbox.last_error)
        .where(Outbox.status == "dead", Outbox.id > after)
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
