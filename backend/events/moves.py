"""The only place that changes a status: the move, its history, its audit row and its outbox row."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any, ClassVar, Protocol

from sqlalchemy.orm import Session

from backend.events import audit, outbox, rows
from backend.kernel.actors import Actor
from backend.kernel.machine import Lifecycle


class Moving(audit.Chained, Protocol):
    """A row with a status, a level, a history table of its own and an audit chain."""

    status: str
    level: str
    updated_at: datetime
    __history__: ClassVar[Any]


def apply(
    session: Session,
    row: Moving,
    name: str,
    *,
    lifecycle: Lifecycle,
    actor: Actor,
    now: datetime,
    note: str | None = None,
) -> None:
    """Make one move or raise ``Conflict``. Two statements and the flush of the row.

    ``note`` is sealed already; the chain commits to its sealed form, which the nonce salts and the person's key
    closes: after an erasure the row still verifies and says nothing.
    """
    move = lifecycle.check(name, row.status, actor.role)
    level, previous = row.level, row.status
    row.status = move.target
    row.updated_at = now
    audit.append(session, row, act=f"{lifecycle.name}.{name}", actor=actor, now=now, commitment=_commitment(note))
    happened = {
        "subject_id": row.id,
        "at": now,
        "move": name,
        "from_status": previous,
        "to_status": move.target,
        "level": level,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "post": actor.post,
        "note": note,
    }
    rows.write(session, row.__history__, happened)
    if move.topic:
        key = f"{move.topic}:{row.id}:{row.audit_sequence}"
        outbox.add(session, topic=move.topic, subject_id=row.id, dedupe_key=key, now=now)


class Passing(Protocol):
    """A row with a status and nothing that remembers it: what happened to it is forgotten with it."""

    id: int
    status: str
    updated_at: datetime


def pass_on(
    session: Session, row: Passing, name: str, *, lifecycle: Lifecycle, role: str, turn: int, now: datetime
) -> None:
    """Make one move that leaves neither history nor audit behind, or raise ``Conflict``.

    For things of which nothing may be told later (bookings: PRODUCT §2.2). ``turn``: what makes this time different
    from another of the same move, for the outbox row.
    """
    move = lifecycle.check(name, row.status, role)
    row.status, row.updated_at = move.target, now
    if move.topic:
        key = f"{move.topic}:{row.id}:{turn}"
        outbox.add(session, topic=move.topic, subject_id=row.id, dedupe_key=key, now=now)


class Dated(Protocol):
    """A row with a status and the day of its last move: all that the tip line keeps (PRODUCT §2.4)."""

    status: str
    moved_on: date


def mark(row: Dated, name: str, *, lifecycle: Lifecycle, role: str, day: date) -> None:
    """Make one move that leaves a date behind and nothing else, or raise ``Conflict``."""
    move = lifecycle.check(name, row.status, role)
    row.status, row.moved_on = move.target, day


def _commitment(note: str | None) -> str:
    return hashlib.sha256(note.encode()).hexdigest() if note else ""
