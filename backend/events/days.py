"""The signed head of each day: every row of the record, in order of ids, bound to the day before.

A chain shows that its own rows hang together; whoever could write the database could still make a whole chain anew.
The heads, signed and published, are what outsiders can keep: then no day can be written anew unnoticed. Short prints
of the rows are kept beside them, so that a row that does not fit can be named.

Days are days in China. A row belongs to the first day whose range of ids reaches it; ranges have no gaps between them.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.events.audit import GENESIS
from backend.kernel.clock import SHANGHAI, today
from backend.kernel.errors import Collision
from backend.models.administration import AuditDay, AuditPrint
from backend.models.audit import AuditEntry

#: A day is signed when everything that was begun in it has ended for certain.
GRACE = timedelta(minutes=30)
#: Rows that may still be on their way when a head is made; reading them locked waits for their writers.
TAIL = 1000
PIECE = 4096
PRINT = struct.Struct(">I4s")
#: Heads in one answer of the published list.
PUBLISHED = 400

#: ``sign(body)`` gives the key's name and a compact JWS over the body.
Sign = Callable[[dict[str, Any]], tuple[str, str]]
#: (id, hash) of a row.
Line = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Head:
    """One day: rows with ``first <= id <= last``, their number, the head over them and its signature."""

    day: date
    first: int
    last: int
    count: int
    head: str
    kid: str
    token: str

    def body(self) -> dict[str, Any]:
        return body(self.day, self.first, self.last, self.count, self.head)


def body(day: date, first: int, last: int, count: int, head: str) -> dict[str, Any]:
    """What the signature stands for."""
    return {"day": day.isoformat(), "first": first, "last": last, "count": count, "head": head}


def sign_next(session: Session, *, sign: Sign, now: datetime) -> date | None:
    """Sign the oldest day that is over and has no head yet: that day, or ``None`` when there is none.

    ``Collision`` when another process signs the same day: it is looked at again.
    """
    before = session.scalar(select(AuditDay).order_by(AuditDay.day.desc()).limit(1))
    day = before.day + timedelta(days=1) if before else _first_day(session)
    if day is None or now < _end(day) + GRACE:
        return None
    done = reach(session)
    last = session.scalar(select(func.max(AuditEntry.id)).where(AuditEntry.id > done, AuditEntry.at < _end(day)))
    first = done + 1 if last is not None else 0
    count, head = _count(session, day, first, last or 0, before.head if before else GENESIS)
    kid, token = sign(body(day, first, last or 0, count, head))
    session.add(
        AuditDay(
            day=day, first_id=first, last_id=last or 0, count=count, head=head, kid=kid, token=token, signed_at=now
        )
    )
    try:
        session.flush()
    except IntegrityError as error:
        raise Collision(f"audit day {day}") from error
    return day


def _count(session: Session, day: date, first: int, last: int, previous: str) -> tuple[int, str]:
    """Number and head of the rows of a day; their prints are written on the way."""
    count, head = 0, HeadOf(previous)
    _settle(session, first, last)
    for part, piece in enumerate(pieces(session, first, last)):
        head.take(row_hash for _, row_hash in piece)
        count += len(piece)
        session.add(AuditPrint(day=day, part=part, prints=prints(piece, first)))
        session.flush()
        session.expunge_all()
    return count, head.value()


def _settle(session: Session, first: int, last: int) -> None:
    """Wait for writers that took an id of this day and have not committed (SQLite has one writer: nothing waits)."""
    tail = select(AuditEntry.id).where(AuditEntry.id.between(max(first, last - TAIL), last))
    session.execute(tail.with_for_update(read=True)).all()


def pieces(session: Session, first: int, last: int) -> Iterator[list[Line]]:
    """Id and hash of the rows of a range, in order, so many at a time."""
    query = select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id).limit(PIECE)
    while piece := session.execute(query.where(AuditEntry.id.between(first, last))).all():
        yield [(row.id, row.hash) for row in piece]
        first = piece[-1].id + 1


def prints(piece: Iterable[Line], first: int) -> str:
    """The prints of some rows; ``first``: where their day begins."""
    packed = b"".join(PRINT.pack(row_id - first, bytes.fromhex(row_hash[:8])) for row_id, row_hash in piece)
    return base64.b64encode(packed).decode()


def printed(session: Session, day: date, first: int) -> Iterator[Line]:
    """Id and first eight letters of the hash of every row the day had when it was signed."""
    parts = select(AuditPrint.part, AuditPrint.prints).where(AuditPrint.day == day).order_by(AuditPrint.part).limit(1)
    found = session.execute(parts).first()
    while found:
        for step, short in PRINT.iter_unpack(base64.b64decode(found.prints)):
            yield first + step, short.hex()
        found = session.execute(parts.where(AuditPrint.part > found.part)).first()


class HeadOf:
    """SHA-256 (hex) over the day before's head and the hashes of the rows, joined by newlines."""

    def __init__(self, previous: str) -> None:
        self._state = hashlib.sha256(previous.encode())

    def take(self, hashes: Iterable[str]) -> None:
        self._state.update("".join(f"\n{one}" for one in hashes).encode())

    def value(self) -> str:
        return self._state.hexdigest()


def heads(session: Session, *, since: date | None = None, limit: int | None = PUBLISHED) -> list[Head]:
    """The signed days, the newest first (``since``: the oldest first, from that day on)."""
    query = select(AuditDay).order_by(AuditDay.day if since else AuditDay.day.desc()).limit(limit)
    if since:
        query = query.where(AuditDay.day >= since)
    return [Head(d.day, d.first_id, d.last_id, d.count, d.head, d.kid, d.token) for d in session.scalars(query)]


def overdue(session: Session, *, now: datetime) -> date | None:
    """The oldest day that should have been signed an hour ago and is not."""
    newest = session.scalar(select(func.max(AuditDay.day)))
    day = newest + timedelta(days=1) if newest else _first_day(session)
    return day if day and now >= _end(day) + 2 * GRACE + GRACE else None


def reach(session: Session, *, until: date = date.max) -> int:
    """The last id that belongs to a signed day (up to one)."""
    return session.scalar(select(func.max(AuditDay.last_id)).where(AuditDay.day <= until)) or 0


def _first_day(session: Session) -> date | None:
    at = session.scalar(select(AuditEntry.at).order_by(AuditEntry.id).limit(1))
    return today(at) if at else None


def _end(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
