"""Walking hash chains: whether the record of a case is still what was written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.events.audit import GENESIS, Chained, digest
from backend.models.audit import AuditEntry


@dataclass(frozen=True, slots=True)
class Fault:
    """The first row of a chain that is not what it was: its place in the chain, and what is wrong in English."""

    subject_id: int
    sequence: int
    what: str


def faults(session: Session, rows: Sequence[Chained]) -> list[Fault]:
    """The first fault of each chain, for rows of one table; what is appended meanwhile is left to the next walk."""
    entries: dict[int, list[AuditEntry]] = {row.id: [] for row in rows}
    if rows:
        query = select(AuditEntry).where(
            AuditEntry.subject_kind == rows[0].__tablename__, AuditEntry.subject_id.in_(entries)
        )
        for entry in session.scalars(query.order_by(AuditEntry.subject_id, AuditEntry.sequence)):
            entries[entry.subject_id].append(entry)
    found = (first_fault(row.id, entries[row.id], length=row.audit_sequence, head=row.audit_head) for row in rows)
    return [fault for fault in found if fault]


def first_fault(subject_id: int, entries: Iterable[AuditEntry], *, length: int, head: str) -> Fault | None:
    """Walk one chain of ``length`` rows whose last hash is ``head``; ``None`` when each row binds the one before."""
    previous, sequence = GENESIS, 0
    for entry in entries:
        if sequence == length:
            break
        sequence += 1
        if entry.sequence != sequence:
            return Fault(subject_id, sequence, "is missing")
        if entry.previous != previous:
            return Fault(subject_id, sequence, f"{entry.act}: does not follow the row before it")
        if entry.hash != digest(entry):
            return Fault(subject_id, sequence, f"{entry.act}: its values are not the ones that were hashed")
        previous = entry.hash
    if sequence < length:
        return Fault(subject_id, sequence + 1, "is missing")
    if length and previous != head:
        return Fault(subject_id, length, "is not the one its case ends with")
    return None
