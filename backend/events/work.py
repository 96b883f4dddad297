"""Looking at the outbox: for the operator's commands, metrics and health. Ids, states and error kinds only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from backend.events.uncounted import COUNTED
from backend.models.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Line:
    """How many rows of a topic are in a state; ``oldest``: since when the first of them is due."""

    topic: str
    status: str
    count: int
    oldest: datetime | None


def stats(session: Session) -> list[Line]:
    """One line per topic and state, done rows without (they may be millions)."""
    found = session.execute(
        select(Outbox.topic, Outbox.status, func.count(), func.min(Outbox.due_at))
        .where(Outbox.status.in_(("due", "leased", "sending", "dead")), COUNTED)
        .group_by(Outbox.topic, Outbox.status)
        .order_by(Outbox.topic, Outbox.status)
    )
    return [Line(*row) for row in found]


def rows(session: Session, *, status: str, topic: str | None, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Rows of one state, oldest first: id, topic, status, attempts, due_at, last_error."""
    query = (
        select(Outbox.id, Outbox.topic, Outbox.status, Outbox.attempts, Outbox.due_at, Outbox.last_error)
        .where(Outbox.status == status, COUNTED)
        .order_by(Outbox.due_at, Outbox.id)
        .limit(limit)
    )
    if topic is not None:
        query = query.where(Outbox.topic == topic)
    return session.execute(query).all()
