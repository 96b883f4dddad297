"""Walking hash chains: whether the record of a case is still what was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from backend.events import notes
from backend.events.audit import GENESIS, Chained, digest
from backend.models.audit import AuditEntry
from backend.models.base import Base

#: Chains per statement, and rows per statement: what is in memory at a time.
PIECE, ROWS = 500, 5000
COLUMNS = (
    AuditEntry.id,
    AuditEntry.subject_kind,
    AuditEntry.subject_id,
    AuditEntry.sequence,
    AuditEntry.at,
    AuditEntry.actor_kind,
    AuditEntry.actor_id,
    AuditEntry.post,
    AuditEntry.act,
    AuditEntry.commitment,
    AuditEntry.previous,
    AuditEntry.hash,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """The first row of a chain that is not what it was: its place in the chain, and what is wrong in English."""

    subject_id: int
    sequence: int
    what: str


@dataclass(slots=True)
class Tally:
    """How much was looked at."""

    chains: int = 0
    rows: int = 0


def subjects() -> list[Any]:
    """Every kind of row that carries the head of its own chain."""
    found = [mapper.class_ for mapper in Base.registry.mappers if hasattr(mapper.class_, "audit_head")]
    return sorted(found, key=lambda one: str(one.__tablename__))


def faults(session: Session, rows: Sequence[Chained]) -> list[Fault]:
    """The first fault of each chain, for rows of one table; what is appended meanwhile is left to the next walk."""
    if not rows:
        return []
    chosen = AuditEntry.subject_id.in_([row.id for row in rows])
    entries = _entries(session, rows[0].__tablename__, chosen, Tally())
    return list(_compare(session, type(rows[0]), sorted(rows, key=lambda row: row.id), entries))


def walk(session: Session, subject: Any, tally: Tally, *, only: int | None = None, since: int = 0) -> Iterator[Fault]:
    """The first fault of every chain of one kind, a piece in memory at a time.

    ``only``: one chain; ``since``: those that have a row with this id or a later one. Rows whose case is gone are
    found when everything is walked.
    """
    last, all_of_them = 0, only is None and since == 0
    while page := _page(session, subject, last, only, since):
        ids = [row.id for row in page]
        reach: ColumnElement[bool] = AuditEntry.subject_id.in_(ids)
        if all_of_them:
            reach = and_(AuditEntry.subject_id > last, AuditEntry.subject_id <= ids[-1])
        tally.chains += len(page)
        yield from (Fault(row.id, 1, "is missing, and the count of rows too") for row in page if not row.audit_sequence)
        yield from _compare(session, subject, page, _entries(session, subject.__tablename__, reach, tally))
        last = ids[-1]
    if all_of_them:
        beyond = _entries(session, subject.__tablename__, AuditEntry.subject_id > last, tally)
        yield from _compare(session, subject, [], beyond)


def _page(session: Session, subject: Any, last: int, only: int | None, since: int) -> Sequence[Any]:
    """The next rows that must have a chain: what was numbered, or says that it has one."""
    numbered = subject.number.is_not(None) if hasattr(subject, "number") else subject.audit_sequence > 0
    query = select(subject.id, subject.audit_sequence, subject.audit_head).order_by(subject.id).limit(PIECE)
    query = query.where(subject.id > last, or_(subject.audit_sequence > 0, numbered))
    if only is not None:
        query = query.where(subject.id == only)
    if since:
        mine = (AuditEntry.subject_kind == subject.__tablename__, AuditEntry.subject_id == subject.id)
        query = query.where(select(AuditEntry.id).where(*mine, AuditEntry.id >= since).exists())
    return session.execute(query).all()


def _entries(session: Session, kind: str, reach: ColumnElement[bool], tally: Tally) -> Iterator[Any]:
    """Rows in order of subject and sequence."""
    query = (
        select(*COLUMNS)
        .where(AuditEntry.subject_kind == kind, reach)
        .order_by(AuditEntry.subject_id, AuditEntry.sequence)
        .limit(ROWS)
    )
    piece = session.execute(query).all()
    while piece:
        tally.rows += len(piece)
        yield from piece
        if len(piece) < ROWS:
            return
        at = piece[-1]
        later = and_(AuditEntry.subject_id == at.subject_id, AuditEntry.sequence > at.sequence)
        piece = session.execute(query.where(or_(AuditEntry.subject_id > at.subject_id, later))).all()


def _compare(session: Session, subject: Any, page: Sequence[Any], entries: Iterator[Any]) -> Iterator[Fault]:
    """Put the rows beside their cases, both in order of ids."""
    histories = notes.histories(session, subject, [row.id for row in page])
    groups = groupby(entries, key=lambda entry: entry.subject_id)
    found = next(groups, None)
    for row in page:
        while found and found[0] < row.id:
            yield from _ownerless(session, subject, found[0])
            found = next(groups, None)
        mine = found[1] if found and found[0] == row.id else ()
        said = notes.Said(session, subject, row.id, histories.get(row.id, ()))
        yield from _one(row, said, mine)
        if found and found[0] == row.id:
            found = next(groups, None)
    while found:
        yield from _ownerless(session, subject, found[0])
        found = next(groups, None)


def _one(row: Any, said: notes.Said, entries: Iterable[Any]) -> Iterator[Fault]:
    """At most one fault of a case: of its rows, else of the words they commit to."""
    length = row.audit_sequence
    fault = first_fault(row.id, said.listen(entries), length=length, head=row.audit_head)
    wrong = None if fault else said.wrong(length)
    if fault or wrong:
        yield fault or Fault(row.id, *wrong)  # type: ignore[misc]  # one of the two is there


def _ownerless(session: Session, subject: Any, subject_id: int) -> Iterator[Fault]:
    """Rows beside no case: unless it was written only just now, somebody took the case away or its count."""
    length = session.execute(select(subject.audit_sequence).where(subject.id == subject_id)).scalar()
    if length is None:
        yield Fault(subject_id, 1, f"has no {subject.__tablename__} any more")
    elif length == 0:
        yield Fault(subject_id, 1, f"is there, but its {subject.__tablename__} says that it has no record")


def first_fault(subject_id: int, entries: Iterable[Any], *, length: int, head: str) -> Fault | None:
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
