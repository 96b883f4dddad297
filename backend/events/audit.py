"""The hash chain of a case: each row binds the one before it (append-only, verifiable after erasure)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy.orm import Session

from backend.kernel.actors import Actor
from backend.models.audit import AuditEntry

GENESIS = "0" * 64


class Chained(Protocol):
    """A row that carries the head of its own chain."""

    __tablename__: str
    id: int
    audit_sequence: int
    audit_head: str


def append(session: Session, row: Chained, *, act: str, actor: Actor, now: datetime, commitment: str = "") -> None:
    """Add one row to the chain of ``row`` and move its head; the caller's version column guards races."""
    row.audit_sequence += 1
    entry = AuditEntry(
        subject_kind=row.__tablename__,
        subject_id=row.id,
        sequence=row.audit_sequence,
        at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        post=actor.post,
        act=act,
        commitment=commitment,
        previous=row.audit_head or GENESIS,
    )
    entry.hash = digest(entry)
    row.audit_head = entry.hash
    session.add(entry)


def digest(entry: AuditEntry) -> str:
    """SHA-256 (hex) over the values of a row and its predecessor's hash, joined by newlines."""
    values = (
        entry.previous,
        entry.subject_kind,
        entry.subject_id,
        entry.sequence,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor_kind,
        entry.actor_id or 0,
        entry.post,
        entry.act,
        entry.commitment,
    )
    return hashlib.sha256("\n".join(str(value) for value in values).encode()).hexdigest()
