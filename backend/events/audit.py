"""The hash chain of a case: each row binds the one before it (append-only, verifiable after erasure)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from backend.events import rows
from backend.kernel.actors import Actor
from backend.kernel.errors import Collision
from backend.models.audit import AuditEntry

GENESIS = "0" * 64
COLUMNS = [column.name for column in AuditEntry.__table__.columns if column.name != "id"]


class Chained(Protocol):
    """A row that carries the head of its own chain."""

    __tablename__: str
    id: int
    audit_sequence: int
    audit_head: str


def append(session: Session, row: Chained, *, act: str, actor: Actor, now: datetime, commitment: str = "") -> None:
    """Add one row to the chain of ``row`` and move its head; the caller's version column guards races."""
    entry = _entry(row, act, actor, now, commitment)
    _write(session, entry)
    row.audit_sequence, row.audit_head = entry.sequence, entry.hash


def note(
    session: Session,
    row: Chained,
    *,
    act: str,
    actor: Actor,
    now: datetime,
    changes: dict[str, Any] | None = None,
    commitment: str = "",
) -> None:
    """Record something that is no revision of the row (a look, a claim): its version stays as it is.

    ``changes`` are further columns of the same UPDATE. ``Collision`` when another writer was first.
    """
    entry = _entry(row, act, actor, now, commitment)
    values = {"audit_sequence": entry.sequence, "audit_head": entry.hash, **(changes or {})}
    table = cast(Any, type(row)).__table__
    statement = update(table).where(table.c.id == row.id, table.c.audit_sequence == row.audit_sequence)
    session.flush()  # what the command changed in the row before comes first
    if session.connection().execute(statement.values(values)).rowcount != 1:
        raise Collision
    for name, value in values.items():
        set_committed_value(row, name, value)
    _write(session, entry)


def _write(session: Session, entry: AuditEntry) -> None:
    rows.chain(session, AuditEntry, {name: getattr(entry, name) for name in COLUMNS})


def _entry(row: Chained, act: str, actor: Actor, now: datetime, commitment: str) -> AuditEntry:
    entry = AuditEntry(
        subject_kind=row.__tablename__,
        subject_id=row.id,
        sequence=row.audit_sequence + 1,
        at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        post=actor.post,
        act=act,
        commitment=commitment,
        previous=row.audit_head or GENESIS,
    )
    entry.hash = digest(entry)
    return entry


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
