"""The inbox: newest first, keyset."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.kernel import cursors
from backend.kernel.crypto import Seal, Vault, place
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.models.notification import Message

#: A badge says 99+ beyond this; counting further would cost and tell nobody anything.
COUNTED = 100


@dataclass(frozen=True, slots=True)
class MessageCard:
    """One message as its reader sees it, in one language."""

    id: int
    template: str
    title: str
    text: str
    application_id: int | None
    application_number: str | None
    sent_at: datetime
    read_at: datetime | None


def inbox(
    session: Session,
    vault: Vault,
    *,
    resident_id: int,
    language: str = "zh",
    application: int | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> tuple[list[MessageCard], str | None]:
    """A page of the inbox and the cursor of the next; ``language`` zh or en. Empty for an erased person.

    ``application``: only what is about that case.
    """
    statement = select(Message).where(Message.resident_id == resident_id)
    if application is not None:
        statement = statement.where(Message.application_id == application)
    seal = accounts.seal_or_none(session, vault, resident_id)
    if seal is None:
        return [], None
    rows, after = page(session, statement, limit=limit, cursor=cursor)
    return [opened(seal, row, language) for row in rows], after


def page(
    session: Session, statement: Select[Message], *, limit: int, cursor: str | None
) -> tuple[list[Message], str | None]:
    """The newest of these messages after the cursor, and the cursor of the next page."""
    after = cursors.read(cursor)
    if after:
        moment, seen = after
        statement = statement.where(or_(Message.sent_at < moment, and_(Message.sent_at == moment, Message.id < seen)))
    newest = statement.order_by(Message.sent_at.desc(), Message.id.desc()).limit(limit + 1)
    rows = list(session.scalars(newest))
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], cursors.make(last.sent_at, last.id) if last else None


def everything(session: Session, vault: Vault, resident_id: int) -> list[dict[str, Any]]:
    """Every message of a person, oldest first, for their own copy of the data."""
    seal = accounts.seal_of(session, vault, resident_id)
    rows = session.scalars(select(Message).where(Message.resident_id == resident_id).order_by(Message.id))
    return [
        {
            "template": row.template,
            "application_number": row.application_number,
            "sent_at": row.sent_at,
            "read_at": row.read_at,
            **json.loads(seal.open_text(row.content, place("message", "content", row.id)))["zh"],
        }
        for row in rows
    ]


def one(session: Session, vault: Vault, *, resident_id: int, message_id: int, language: str = "zh") -> MessageCard:
    """One's own message; ``NotFound`` for anybody else's."""
    row = session.scalar(select(Message).where(Message.id == message_id, Message.resident_id == resident_id))
    seal = accounts.seal_or_none(session, vault, resident_id)
    if row is None or seal is None:
        raise NotFound("not_found", N_("没有找到这条消息"))
    return opened(seal, row, language)


def unread(session: Session, *, resident_id: int, most: int = COUNTED) -> int:
    """How many messages were never opened, at most ``most``: so many entries of the index and no row."""
    some = (
        select(literal(1)).where(Message.resident_id == resident_id, Message.read_at.is_(None)).limit(most).subquery()
    )
    return session.scalar(select(func.count()).select_from(some)) or 0


def opened(seal: Seal, row: Message, language: str) -> MessageCard:
    """One message in one language."""
    said = json.loads(seal.open_text(row.content, place("message", "content", row.id)))
    spoken = said["en" if language == "en" else "zh"]
    return MessageCard(
        id=row.id,
        template=row.template,
        title=spoken["title"],
        text=spoken["text"],
        application_id=row.application_id,
        application_number=row.application_number,
        sent_at=row.sent_at,
        read_at=row.read_at,
    )
