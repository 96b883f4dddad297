"""Leaving work behind in the same transaction as the change that causes it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.models.outbox import Outbox


def add(
    session: Session,
    *,
    topic: str,
    subject_id: int,
    dedupe_key: str,
    now: datetime,
    due_at: datetime | None = None,
    reference: str = "",
) -> None:
    """One piece of work, due at once or later; a second one with the same key is an error."""
    session.add(
        Outbox(
            topic=topic,
            subject_id=subject_id,
            reference=reference,
            dedupe_key=dedupe_key,
            due_at=due_at or now,
            created_at=now,
        )
    )


def add_many(session: Session, *, topic: str, subjects: Iterable[int], now: datetime) -> None:
    """The same work about many subjects, once each for ever, in one statement; due at once."""
    rows = [
        {
            "topic": topic,
            "subject_id": subject,
            "reference": "",
            "dedupe_key": f"{topic}:{subject}",
            "status": "due",
            "due_at": now,
            "created_at": now,
            "attempts": 0,
        }
        for subject in subjects
    ]
    if rows:
        session.execute(insert(Outbox.__table__), rows)  # type: ignore[arg-type]  # declarative types it FromClause
