"""The inbox of staff 消息."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.notifications import staff as inbox
from backend.schemas.base import PageQuery
from backend.schemas.hands import StaffMessageListSchema
from backend.web.answers import page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.guards import caller

blp = Blueprint("staff-messages", __name__, url_prefix="/staff/messages", description="消息：每件事只说一次")


@blp.get("")
@blp.arguments(PageQuery, location="query")
@blp.response(200, StaffMessageListSchema)
def list_messages(query: dict[str, Any]) -> dict[str, Any]:
    """My messages, newest first: kind, facts (numbers and counts) and what a colleague wrote with it."""
    at = runtime()
    with at.db.reading() as session:
        cards, cursor = inbox.inbox(session, at.vault, staff_id=caller().id, **query)
    return page_of(cards, cursor)


@blp.post("/<id:message_id>/read")
@blp.response(204)
def read(message_id: int) -> Response:
    """I have read this message."""
    at = runtime()
    at.db.transact(inbox.mark_read, staff_id=caller().id, message_id=message_id, now=at.clock())
    return Response(status=204)
