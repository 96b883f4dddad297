"""What was sent to a person, over which channel, and what became of it: for that person, for twelve months."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.kernel import cursors, ids
from backend.kernel.crypto import Seal, Vault, place
from backend.lifecycles.delivery import DELIVERY, DeliveryStatus as S
from backend.models.delivery import Delivery
from backend.models.notification import Message

KEPT = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery as its reader sees it; ``title`` and ``message_id``: the message it carried, while the inbox has it.

    ``error``: the kind of failure, where it failed.

    ``sent_at``: when the provider took it; ``ended_at``: when it came to its present state.
    """

    id: int
    channel: str
    template: str
    title: str | None
    message_id: int | None
    application_number: str | None
    status: str
    error: str | None
    allowed_actions: tuple[str, ...]
    created_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None


def sent(
    session: Session,
    vault: Vault,
    *,
    resident_id: int,
    language: str = "zh",
    limit: int = 20,
    cursor: str | None = None,
) -> tuple[list[Sent], str | None]:
    """A page of what was sent, newest first, and the cursor of the next. Empty for an erased person."""
    statement = select(Delivery).where(Delivery.resident_id == resident_id)
    after = cursors.read(cursor)
    if after:
        statement = statement.where(Delivery.id < after[1])
    rows = session.scalars(statement.order_by(Delivery.id.desc()).limit(limit + 1)).all()
    cards = _cards(session, vault, resident_id, rows[:limit], language)
    last = rows[limit - 1] if len(rows) > limit else None
    return cards, cursors.make(last.created_at, last.id) if last and cards else None


def everything(session: Session, _vault: Vault, resident_id: int) -> list[dict[str, Any]]:
    """Every delivery to a person, oldest first, for their own copy of the data; the words are with the messages."""
    rows = session.scalars(select(Delivery).where(Delivery.resident_id == resident_id).order_by(Delivery.id))
    names = ("channel", "kind", "status", "created_at", "sent_at")
    return [{name: getattr(row, name) for name in names} for row in rows]


def purge(session: Session, *, before: datetime, limit: int) -> int:
    """Delete what ended and was begun before a moment; how many."""
    # Ids go with the time: the oldest are the first of the table.
    old = select(Delivery.id).where(Delivery.id < ids.new_id(before), Delivery.status != S.WAITING)
    found = list(session.scalars(old.order_by(Delivery.id).limit(limit)))
    if found:
        session.execute(delete(Delivery).where(Delivery.id.in_(found)))
    return len(found)


def _cards(session: Session, vault: Vault, resident_id: int, rows: Sequence[Delivery], language: str) -> list[Sent]:
    seal = accounts.seal_or_none(session, vault, resident_id)
    if seal is None:
        return []
    messages = _messages(session, resident_id, rows)
    return [_card(seal, row, messages.get((row.kind, row.event)), language) for row in rows]


def _messages(session: Session, resident_id: int, rows: Sequence[Delivery]) -> dict[tuple[str, str], Message]:
    """(template, event) → what the inbox has of it; by its unique key."""
    told = {(row.kind, row.event) for row in rows}
    if not told:
        return {}
    wanted = tuple_(Message.template, Message.event).in_(told)
    found = session.scalars(select(Message).where(Message.resident_id == resident_id, wanted))
    return {(message.template, message.event): message for message in found}


def _card(seal: Seal, row: Delivery, message: Message | None, language: str) -> Sent:
    title = None
    if message is not None:
        said = json.loads(seal.open_text(message.content, place("message", "content", message.id)))
        title = said["en" if language == "en" else "zh"]["title"]
    return Sent(
        id=row.id,
        channel=row.channel,
        template=row.kind,
        title=title,
        message_id=message.id if message else None,
        application_number=message.application_number if message else None,
        status=row.status,
        error=row.error if row.status == S.FAILED else None,
        allowed_actions=tuple(DELIVERY.allowed(row.status, "person")),
        created_at=row.created_at,
        sent_at=row.sent_at,
        ended_at=None if row.status == S.WAITING else row.updated_at,
    )
