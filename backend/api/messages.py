"""The inbox of the signed-in resident."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.kernel.ids import PATTERN, decode
from backend.notifications import queries, service
from backend.schemas.notifications import MessageListSchema, MessagesQuery, ReadAllSchema
from backend.web.answers import page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.words import language

blp = Blueprint("messages", __name__, description="消息：每件事只说一次")


@blp.route("/me/messages", methods=["GET"])
@blp.arguments(MessagesQuery, location="query")
@blp.response(200, MessageListSchema)
def inbox(query: dict[str, Any]) -> dict[str, Any]:
    """My messages, newest first, and how many I have not read"""
    at, me = runtime(), caller().id
    with at.db.reading() as session:
        cards, cursor = queries.inbox(session, at.vault, resident_id=me, language=language(), **query)
        unread = queries.unread(session, resident_id=me)
    return page_of(cards, cursor) | {"unread": unread}


@blp.route("/me/messages/read", methods=["POST"])
@blp.arguments(ReadAllSchema, required=False)
@blp.response(204)
def read_all(body: dict[str, Any]) -> None:
    """I have read all of them, or those up to one"""
    at = runtime()
    at.db.transact(service.mark_all_read, resident_id=caller().id, now=at.clock(), **body)


@blp.route("/me/messages/<message_id>/read", methods=["POST"])
@blp.response(204)
def read(message_id: str) -> Response:
    """I have read this message"""
    if not PATTERN.fullmatch(message_id):
        raise NotFound("not_found", N_("没有找到这条消息"))
    at = runtime()
    at.db.transact(service.mark_read, resident_id=caller().id, message_id=decode(message_id), now=at.clock())
    return Response(status=204)
