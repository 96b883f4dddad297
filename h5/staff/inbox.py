"""The inbox 消息 of staff: newest first, each message said once, read when it is opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.kernel import ids
from backend.notifications import staff as inbox
from backend.notifications.staff import StaffMessageCard
from backend.web.context import runtime
from h5.staff import console, inbox_words
from h5.staff.inbox_words import Said

blp = Blueprint("h5_staff_inbox", __name__, url_prefix="/staff/inbox")
PAGE = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One message in the list."""

    href: str
    said: Said
    words: str | None
    sent_at: datetime
    read: bool


@blp.get("")
def show() -> str:
    """Twenty at a time."""
    at, me = runtime(), console.card().id
    with at.db.reading() as session:
        cards, cursor = inbox.inbox(session, at.vault, staff_id=me, limit=PAGE, cursor=request.args.get("cursor"))
    return console.page(
        "inbox/list.html",
        lines=[_line(card) for card in cards],
        unread=any(card.read_at is None for card in cards),
        more=url_for(".show", cursor=cursor) if cursor else None,
    )


@blp.get("/<id:message>")
def one(message: int) -> str:
    """One message, which is read now, and the way to what it is about."""
    at, me = runtime(), console.card().id
    at.db.transact(inbox.mark_read, staff_id=me, message_id=message, now=at.clock())
    with at.db.reading() as session:
        card = inbox.one(session, at.vault, staff_id=me, message_id=message)
    return console.page("inbox/message.html", line=_line(card))


@blp.post("/read")
def read_all() -> Response:
    """Everything has been seen."""
    at = runtime()
    at.db.transact(inbox.mark_all_read, staff_id=console.card().id, now=at.clock())
    return redirect(url_for(".show"), 303)


def _line(card: StaffMessageCard) -> Line:
    said = inbox_words.said(card.kind, card.facts)
    return Line(url_for(".one", message=ids.encode(card.id)), said, card.words, card.sent_at, card.read_at is not None)
