"""Follow-ups for the stations: what was sent, and nothing about who was asked or has not answered."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.bookings import followup_desk
from backend.bookings.followup_desk import Sent
from backend.kernel import cursors, ids
from backend.schemas.base import PageQuery
from backend.schemas.followups import SentFollowUpListSchema
from backend.web.answers import json, page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.nurses import nurse

blp = Blueprint(
    "staff-follow-ups", __name__, url_prefix="/staff/follow-ups", description="Follow-ups 随访 that were sent"
)


@blp.get("")
@blp.arguments(PageQuery, location="query")
@blp.response(200, SentFollowUpListSchema)
def list_sent(query: dict[str, Any]) -> Response:
    """The answers sent to my stations, newest first."""
    at, limit, after = runtime(), query["limit"], cursors.read(query["cursor"])
    with at.db.reading() as session:
        found = followup_desk.listing(session, at.vault, nurse=nurse(), limit=limit, before=after[1] if after else None)
    shown, more = found[:limit], len(found) > limit
    cursor = cursors.make(at.clock(), shown[-1].id) if more else None
    return json(page_of([_sent(one) for one in shown], cursor))


@blp.post("/<id:answer_id>/seen")
@blp.response(204)
def see(answer_id: int) -> None:
    """Mark an answer as seen."""
    at = runtime()
    at.db.transact(followup_desk.see, nurse=nurse(), answer_id=answer_id, now=at.clock())


def _sent(one: Sent) -> dict[str, Any]:
    return {
        "id": ids.encode(one.id),
        "station": one.station,
        "kind": one.kind,
        "answers": [{"question": question, "answer": answer} for question, answer in one.answers],
        "name": one.name,
        "contact": one.contact,
        "answered_on": one.answered_on.isoformat(),
        "seen": one.seen,
    }
