"""The inbox of staff: one message per clerk and event, numbers and counts only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, literal, or_, select, update
from sqlalchemy.orm import Session

from backend.kernel import cursors, ids
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.models.desk import StaffMessage

#: A badge says 99+ beyond this; counting further would cost and tell nobody anything.
COUNTED = 100
#: A message is about work at hand; after so long it is history, which the audit chain keeps.
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class StaffMessageCard:
    """One message; ``words``: what a colleague wrote with it."""

    id: int
    kind: str
    facts: dict[str, Any]
    words: str | None
    sent_at: datetime
    read_at: datetime | None


def tell(
    session: Session,
    *,
    staff_id: int,
    kind: str,
    event: str,
    facts: dict[str, Any],
    now: datetime,
    vault: Vault | None = None,
    words: str = "",
    message_id: int | None = None,
) -> None:
    """Tell one clerk something once per ``kind`` and ``event``; telling it again does nothing.

    ``words`` (then with ``vault``) are what a person wrote: kept sealed, for they may name somebody.
    ``message_id``: made beforehand where many are told in one moment.
    """
    same = (StaffMessage.staff_id == staff_id, StaffMessage.kind == kind, StaffMessage.event == event)
    if session.scalar(select(StaffMessage.id).where(*same)) is None:
        row_id = message_id or ids.new_id(now)
        row = StaffMessage(id=row_id, staff_id=staff_id, kind=kind, event=event, facts=facts, sent_at=now)
        if vault is not None and words:
            row.words = vault.seal(words.encode(), _words_of(row.id))
        session.add(row)


def inbox(
    session: Session, vault: Vault, *, staff_id: int, limit: int, cursor: str | None
) -> tuple[list[StaffMessageCard], str | None]:
    """A page of a clerk's messages, newest first, and the cursor of the next."""
    query = select(StaffMessage).where(StaffMessage.staff_id == staff_id)
    after = cursors.read(cursor)
    if after:
        moment, row_id = after
        earlier = and_(StaffMessage.sent_at == moment, StaffMessage.id < row_id)
        query = query.where(or_(StaffMessage.sent_at < moment, earlier))
    newest = (StaffMessage.sent_at.desc(), StaffMessage.id.desc())
    rows = session.scalars(query.order_by(*newest).limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return [_card(vault, row) for row in rows[:limit]], cursors.make(last.sent_at, last.id) if last else None


def one(session: Session, vault: Vault, *, staff_id: int, message_id: int) -> StaffMessageCard:
    """One's own message; ``NotFound`` for anybody else's."""
    row = session.scalar(select(StaffMessage).where(StaffMessage.id == message_id, StaffMessage.staff_id == staff_id))
    if row is None:
        raise _not_found()
    return _card(vault, row)


def mark_read(session: Session, *, staff_id: int, message_id: int, now: datetime) -> None:
    """The first look counts; somebody else's message looks like one that does not exist."""
    mine = (StaffMessage.id == message_id, StaffMessage.staff_id == staff_id)
    session.execute(update(StaffMessage).where(*mine, StaffMessage.read_at.is_(None)).values(read_at=now))
    if session.scalar(select(StaffMessage.id).where(*mine)) is None:
        raise _not_found()


def mark_all_read(session: Session, *, staff_id: int, now: datetime) -> None:
    """Everything that lies in the inbox now."""
    unread_ones = (StaffMessage.staff_id == staff_id, StaffMessage.read_at.is_(None))
    session.execute(update(StaffMessage).where(*unread_ones).values(read_at=now))


def unread(session: Session, *, staff_id: int) -> int:
    """How many were never opened, at most ``COUNTED``."""
    some = (
        select(literal(1))
        .where(StaffMessage.staff_id == staff_id, StaffMessage.read_at.is_(None))
        .limit(COUNTED)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(some)) or 0


def purge(session: Session, *, before: datetime, limit: int) -> int:
    """Delete messages sent before a moment; how many."""
    # Ids go with the time: no index of its own for the sweep.
    old = list(session.scalars(select(StaffMessage.id).where(StaffMessage.id < ids.new_id(before)).limit(limit)))
    if old:
        session.execute(delete(StaffMessage).where(StaffMessage.id.in_(old)))
    return len(old)


def _card(vault: Vault, row: StaffMessage) -> StaffMessageCard:
    words = vault.open(row.words, _words_of(row.id)).decode() if row.words else None
    return StaffMessageCard(row.id, row.kind, row.facts, words, row.sent_at, row.read_at)


def _words_of(message_id: int) -> str:
    return place("staff_message", "words", message_id)


def _not_found() -> NotFound:
    return NotFound("not_found", N_("没有找到这条消息"))
