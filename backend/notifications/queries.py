"""The inbox: newest first, keyset."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, literal, or_, select
from sqlalchemy.orm import Session

from backend.kernel import cursors
from backend.kernel.crypto import Unreadable, Vault, place
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.models.notification import Message
from backend.models.resident import Resident

#: A badge says 99+ beyond this; counting further would cost and tell nobody anything.
COUNTED = 100


@dataclass(frozen=True, slots=True)
class MessageCard:
    """One message as its reader sees it, in one language."""

    id: int
    template: str
    title: str
    text: str
    application_number: str | None
    sent_at: datetime
    read_at: datetime | None


def inbox(
    session: Session,
    vault: Vault,
    *,
    resident_id: int,
    language: str = "zh",
    limit: int = 20,
    cursor: str | None = None,
) -> tuple[list[MessageCard], str | None]:
    """A page of the inbox and the cursor of the next; ``language`` zh or en. Empty for an erased person."""
    statement = (
        select(Message)
        .where(Message.resident_id == resident_id)
        .order_by(Message.sent_at.desc(), Message.id.desc())
        .limit(limit + 1)
    )
    after = cursors.read(cursor)
    if after:
        moment, seen = after
        statement = statement.where(or_(Message.sent_at < moment, and_(Message.sent_at == moment, Message.id < seen)))
    rows = session.scalars(statement).all()
    key = session.scalar(select(Resident.key).where(Resident.id == resident_id))
    try:
        seal = vault.person(key or "", resident_id)
    except Unreadable:
        return [], None
    cards = []
    for row in rows[:limit]:
        said = json.loads(seal.open_text(row.content, place("message", "content", row.id)))
        cards.append(_card(row, said["en" if language == "en" else "zh"]))
    last = rows[limit - 1] if len(rows) > limit else None
    return cards, cursors.make(last.sent_at, last.id) if last else None


def everything(session: Session, vault: Vault, resident_id: int) -> list[dict[str, Any]]:
    """Every message of a person, oldest first, for their own copy of the data."""
    key = session.scalar(select(Resident.key).where(Resident.id == resident_id))
    seal = vault.person(key or "", resident_id)
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


def one(
    session: Session, vault: Vault, *, resident_id: int, message_id: int, language: str = "zh"
) -> tuple[MessageCard, int | None]:
    """One's own message and the case it is about, if any; ``NotFound`` for anybody else's."""
    row = session.scalar(select(Message).where(Message.id == message_id, Message.resident_id == resident_id))
    key = session.scalar(select(Resident.key).where(Resident.id == resident_id))
    if row is None or not key:
        raise NotFound("not_found", N_("没有找到这条消息"))
    said = json.loads(vault.person(key, resident_id).open_text(row.content, place("message", "content", row.id)))
    return _card(row, said["en" if language == "en" else "zh"]), row.application_id


def unread(session: Session, *, resident_id: int) -> int:
    """How many messages were never opened, at most ``COUNTED``."""
    some = (
        select(literal(1))
        .where(Message.resident_id == resident_id, Message.read_at.is_(None))
        .limit(COUNTED)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(some)) or 0


def _card(row: Message, said: dict[str, str]) -> MessageCard:
    return MessageCard(
        id=row.id,
        template=row.template,
        title=said["title"],
        text=said["text"],
        application_number=row.application_number,
        sent_at=row.sent_at,
        read_at=row.read_at,
    )
