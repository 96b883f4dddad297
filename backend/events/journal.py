"""The journal of administration: every act is a line, and a row of one hash chain commits to it.

Its rows are ``audit_entry`` like those of a case, so that the same walk verifies both; lines hold names of
accounts, offices and items, never a personal value.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import or_, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.events import audit, chains
from backend.kernel import cursors, ids
from backend.kernel.actors import Actor
from backend.kernel.errors import Collision
from backend.models.administration import Journal, JournalLine
from backend.models.audit import AuditEntry

NAME = "administration"
PIECE = 1000

Changes = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, the newest first."""

    items: list[JournalLine]
    next_cursor: str | None


def write(
    session: Session,
    *,
    actor: Actor,
    act: str,
    subject: str,
    changes: Changes | None = None,
    region: str = "",
    now: datetime,
) -> int:
    """One line and its row of the chain; ``changes`` is {field: [before, after]}. The id of the line.

    ``region``: whose administrators may read it, "" for the whole installation. ``Collision`` when another
    writer was first: ``transact`` runs the command again.
    """
    row = _chain(session, now)
    line = JournalLine(
        sequence=row.audit_sequence + 1,
        at=now,
        staff_id=actor.id,
        post=actor.post,
        act=act,
        subject=subject,
        region=region,
        changes={name: list(pair) for name, pair in changes.items()} if changes else None,
    )
    audit.note(session, row, act=act, actor=actor, now=now, commitment=commitment(line))
    session.add(line)
    session.flush()
    return line.id


def commitment(line: JournalLine) -> str:
    """SHA-256 (hex) of the line as JSON with sorted keys."""
    content = {
        "sequence": line.sequence,
        "at": line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "staff_id": line.staff_id,
        "post": line.post,
        "act": line.act,
        "subject": line.subject,
        "region": line.region,
        "changes": line.changes,
    }
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def page(session: Session, *, region: str, group: str = "", limit: int, cursor: str | None = None) -> Page:
    """What administrators of ``region`` (the significant digits of their code) may read, the newest first."""
    query = select(JournalLine).order_by(JournalLine.at.desc(), JournalLine.id.desc()).limit(limit + 1)
    query = query.where(or_(JournalLine.region == "", JournalLine.region.startswith(region, autoescape=True)))
    if group:
        query = query.where(JournalLine.act.startswith(f"{group}.", autoescape=True))
    last = cursors.read(cursor)
    if last is not None:
        query = query.where(tuple_(JournalLine.at, JournalLine.id) < tuple_(*last))
    found = list(session.scalars(query))
    following = cursors.make(found[limit - 1].at, found[limit - 1].id) if len(found) > limit else None
    return Page(found[:limit], following)


def verify(session: Session) -> list[chains.Fault]:
    """The first thing that is not what was written: a row of the chain, or a line its row does not commit to."""
    row = session.scalar(select(Journal).where(Journal.name == NAME))
    if row is None:
        return []
    return chains.faults(session, [row]) or list(_broken_lines(session, row))[:1]


def _broken_lines(session: Session, row: Journal) -> Iterator[chains.Fault]:
    for first in range(1, row.audit_sequence + 1, PIECE):
        span = range(first, min(first + PIECE, row.audit_sequence + 1))
        lines = {
            line.sequence: line
            for line in session.scalars(select(JournalLine).where(JournalLine.sequence.between(span[0], span[-1])))
        }
        same = (AuditEntry.subject_kind == row.__tablename__, AuditEntry.subject_id == row.id)
        committed: dict[int, str] = dict(
            session.execute(
                select(AuditEntry.sequence, AuditEntry.commitment).where(
                    *same, AuditEntry.sequence.between(span[0], span[-1])
                )
            ).all()
        )
        for sequence in span:
            if sequence not in lines:
                yield chains.Fault(row.id, sequence, "its line is missing")
            elif commitment(lines[sequence]) != committed.get(sequence):
                yield chains.Fault(row.id, sequence, f"{lines[sequence].act}: its line was changed")


def _chain(session: Session, now: datetime) -> Journal:
    """The one row of the chain, made at first need."""
    row = session.scalar(select(Journal).where(Journal.name == NAME))
    if row is None:
        row = Journal(id=ids.new_id(now), name=NAME, audit_sequence=0, audit_head="")
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError as race:
            raise Collision(NAME) from race
    return row
