"""Telling a person something, once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Collision, NotFound
from backend.kernel.i18n import N_
from backend.kernel.ids import new_id
from backend.models.delivery import Delivery, NotificationPreference, WechatBinding
from backend.models.notification import Message
from backend.notifications import discreet, planning
from backend.notifications.kinds import INBOX
from backend.notifications.planning import Reach
from backend.notifications.wechat import credits
from backend.notifications.wording.speaking import Params
from backend.notifications.wording.templates import templates


def tell(
    session: Session,
    vault: Vault,
    *,
    resident_id: int,
    template: str,
    event: str,
    params: Params,
    now: datetime,
    application_id: int | None = None,
    application_number: str | None = None,
    reach: Reach | None = None,
) -> int | None:
    """Put one message into the inbox, and leave it to be sent where ``reach`` and the person's choice say so.

    Its id, or None when it was told before or the person has been erased.
    """
    person = planning.recipient(session, resident_id)
    seal = person.seal(vault) if person else None
    if person is None or seal is None:
        return None
    pattern = templates()[template]
    message = Message(
        id=new_id(now),
        resident_id=resident_id,
        template=template,
        version=pattern.version,
        event=event,
        application_id=application_id,
        application_number=application_number,
        sent_at=now,
    )
    said = discreet.as_long(pattern, json.dumps(pattern.render(INBOX, params), ensure_ascii=False))
    message.content = seal.seal_text(said, place("message", "content", message.id))
    if not _added(session, message):
        return None
    if reach is not None:
        planning.plan(session, seal, person=person, template=pattern, message=message, params=params, reach=reach)
    return message.id


def _added(session: Session, message: Message) -> bool:
    """False when this event was told before; ``Collision`` where only the id was taken: the command runs again."""
    try:
        with session.begin_nested():
            session.add(message)
    except IntegrityError as error:
        same = (Message.resident_id == message.resident_id, Message.template == message.template)
        if session.scalar(select(Message.id).where(*same, Message.event == message.event)) is None:
            raise Collision from error
        return False
    return True


def erase(session: Session, *, resident_id: int) -> None:
    """Delete every message of a person who leaves, and everything about sending them: nobody can read them any more."""
    mine = select(WechatBinding.openid_index).where(WechatBinding.resident_id == resident_id)
    if openid_index := session.scalar(mine):
        credits.forget(session, openid_index=openid_index)
    for table in (Message, Delivery, NotificationPreference, WechatBinding):
        session.execute(delete(table).where(table.resident_id == resident_id))


def forget(session: Session, *, template: str, told: Sequence[tuple[int, str]]) -> None:
    """Delete what was told of some events: (resident, event), and that it was sent."""
    if told:
        names = [(who, template, event) for who, event in told]
        session.execute(delete(Message).where(tuple_(Message.resident_id, Message.template, Message.event).in_(names)))
        session.execute(delete(Delivery).where(tuple_(Delivery.resident_id, Delivery.kind, Delivery.event).in_(names)))


def mark_read(session: Session, *, resident_id: int, message_id: int, now: datetime) -> None:
    """The first look counts; somebody else's message looks like one that does not exist."""
    mine = (Message.id == message_id, Message.resident_id == resident_id)
    session.execute(update(Message).where(*mine, Message.read_at.is_(None)).values(read_at=now))
    if session.scalar(select(Message.id).where(*mine)) is None:
        raise NotFound("not_found", N_("没有找到这条消息"))


def mark_all_read(session: Session, *, resident_id: int, now: datetime, until: int | None = None) -> None:
    """Everything has been seen, or everything up to a message: what came after the page was made stays unread."""
    unread = update(Message).where(Message.resident_id == resident_id, Message.read_at.is_(None))
    if until is not None:
        unread = unread.where(Message.id <= until)
    session.execute(unread.values(read_at=now))
