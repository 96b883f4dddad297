"""Whether the signed days are still what was signed: every row in its day, every head bound to the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.events import days
from backend.events.audit import GENESIS
from backend.events.days import Head, HeadOf, Line
from backend.models.application import Application
from backend.models.audit import AuditEntry

#: Rows named per day; the rest would say nothing new.
MOST_NAMED = 20

#: ``read(token, kid)``: the signed body, or ``None``.
Read = Callable[[str, str], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class DayFault:
    """What is wrong with a day; ``row``: the id of the row that does not fit, 0 when the day itself does not."""

    day: date
    row: int
    what: str


def walk(session: Session, *, read: Read, since: date | None, now: datetime) -> Iterator[DayFault]:
    """Everything that does not fit in the signed days, in order, from ``since`` on; also a day nobody signed."""
    before = _before(session, since)
    previous = before.head if before else GENESIS
    expected = before.day + timedelta(days=1) if before else None
    reach = days.reach(session, until=before.day) if before else 0
    day = since or date.min
    while some := days.heads(session, since=day, limit=50):
        for head in some:
            if expected and head.day != expected:
                yield DayFault(expected, 0, "has no signed head, but later days have")
            yield from _one(session, head, previous, reach, read)
            previous, expected = head.head, head.day + timedelta(days=1)
            reach = max(reach, head.last)
        day = some[-1].day + timedelta(days=1)
    late = days.overdue(session, now=now)
    if late:
        yield DayFault(late, 0, "should have been signed by now (does the relay run?)")


def _before(session: Session, since: date | None) -> Head | None:
    """The signed day before ``since``."""
    found = days.heads(session, since=since - timedelta(days=1), limit=1) if since else []
    return found[0] if found and since and found[0].day < since else None


def _one(session: Session, head: Head, previous: str, reach: int, read: Read) -> Iterator[DayFault]:
    body = read(head.token, head.kid)
    if body != head.body():
        yield DayFault(head.day, 0, "its signature is not over what stands here" if body else "its signature is wrong")
    if head.count == 0 and not head.first:
        if head.head != HeadOf(previous).value():
            yield DayFault(head.day, 0, "its head does not follow from the day before")
        return
    if head.first != reach + 1:
        yield DayFault(head.day, 0, f"begins with row {head.first}, the day before ends with {reach}")
    found = _Compared(session, head, previous)
    yield from found.misfits()
    if found.count != head.count:
        yield DayFault(head.day, 0, f"has {found.count} rows, {head.count} were signed")
    if found.value() != head.head:
        yield DayFault(head.day, 0, "its head is not the one of its rows and the day before")


class _Compared:
    """The rows of a day beside the prints that were taken when it was signed."""

    def __init__(self, session: Session, head: Head, previous: str) -> None:
        self._session, self._day = session, head
        self._state = HeadOf(previous)
        self.count = 0

    def value(self) -> str:
        return self._state.value()

    def misfits(self) -> Iterator[DayFault]:
        """The first rows that were changed, taken out or slipped in."""
        for named, (row, what) in enumerate(self._differences()):
            if named < MOST_NAMED:
                yield DayFault(self._day.day, row, what + _owner(self._session, row))

    def _differences(self) -> Iterator[tuple[int, str]]:
        prints = days.printed(self._session, self._day.day, self._day.first)
        expected: Line | None = next(prints, None)
        for row_id, row_hash in self._rows():
            while expected and expected[0] < row_id:
                yield expected[0], "is gone"
                expected = next(prints, None)
            if expected is None or expected[0] > row_id:
                yield row_id, "was not there when the day was signed"
            else:
                if not row_hash.startswith(expected[1]):
                    yield row_id, "is not the one that was signed"
                expected = next(prints, None)
        yield from ((row_id, "is gone") for row_id, _ in chain([expected] if expected else [], prints))

    def _rows(self) -> Iterator[Line]:
        for piece in days.pieces(self._session, self._day.first, self._day.last):
            self._state.take(row_hash for _, row_hash in piece)
            self.count += len(piece)
            yield from piece


def _owner(session: Session, row: int) -> str:
    """Which chain a row belongs to, in brackets; nothing when it is gone."""
    found = session.execute(
        select(AuditEntry.subject_kind, AuditEntry.subject_id, AuditEntry.sequence).where(AuditEntry.id == row)
    ).first()
    if found is None:
        return ""
    number = session.scalar(select(Application.number).where(Application.id == found.subject_id))
    return f" ({number or f'{found.subject_kind} {found.subject_id}'}, row {found.sequence})"
