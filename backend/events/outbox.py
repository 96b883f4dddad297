"""Leaving work behind in the same transaction as the change that causes it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, String, cast, insert, literal, select
from sqlalchemy.orm import Session

from backend.events import rows
from backend.models.base import UtcDateTime
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
    values = {
        "topic": topic,
        "subject_id": subject_id,
        "reference": reference,
        "dedupe_key": dedupe_key,
        "due_at": due_at or now,
        "created_at": now,
    }
    rows.write(session, Outbox, values)


def add_many(session: Session, *, topic: str, subjects: Select[int], now: datetime) -> None:
    """The same work about every id that a query gives, once each for ever; the rows never leave the database."""
    found = subjects.subquery()
    subject = next(iter(found.c))
    at = literal(now, UtcDateTime())
    values = {
        "topic": literal(topic),
        "subject_id": subject,
        "reference": literal(""),
        "dedupe_key": literal(f"{topic}:").concat(cast(subject, String)),
        "status": literal("due"),
        "due_at": at,
        "created_at": at,
        "attempts": literal(0),
    }
    session.execute(insert(Outbox).from_select(list(values), select(*values.values())))
