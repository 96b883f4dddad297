"""How much work waits, for operators and metrics: counts and ages, no content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.models.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Backlog:
    """Rows of a topic in one status, and the age of the oldest in seconds."""

    topic: str
    status: str
    rows: int
    oldest_seconds: float


def backlog(session: Session, *, now: datetime) -> list[Backlog]:
    """Everything that is not done; done rows are the many, and the index keeps them apart."""
    query = (
        select(Outbox.topic, Outbox.status, func.count(), func.min(Outbox.due_at, type_=Outbox.due_at.type))
        .where(Outbox.status.in_(["due", "leased", "sending", "dead"]))
        .group_by(Outbox.topic, Outbox.status)
    )
    return [
        Backlog(topic, status, rows, max((now - oldest).total_seconds(), 0.0))
        for topic, status, rows, oldest in session.execute(query)
    ]
