"""The inbox 消息."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from backend.notifications import queries, service
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.words import language

blp = Blueprint("h5_messages", __name__, url_prefix="/messages")


@blp.get("")
def listing() -> str:
    """Newest first, twenty at a time."""
    at = runtime()
    with at.db.reading() as session:
        cards, cursor = queries.inbox(
            session, at.vault, resident_id=caller().id, language=language(), cursor=request.args.get("cursor")
        )
    return render_template("messages/list.html", cards=cards, cursor=cursor)


@blp.get("/<id:message>")
def show(message: int) -> str:
    """One message, which is read now, and the way to the case it is about."""
    at, me = runtime(), caller().id
    at.db.transact(service.mark_read, resident_id=me, message_id=message, now=at.clock())
    with at.db.reading() as session:
        card, application = queries.one(session, at.vault, resident_id=me, message_id=message, language=language())
    return render_template("messages/show.html", card=card, application=application)
