"""Tips for the investigators: a list that says nothing until it is unlocked, one tip, what is done with it."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.schemas.staff_tips import TipCardSchema, TipListQuery, TipListSchema, UnlockedSchema, UnlockSchema
from backend.tips import cursors, desk
from backend.web import investigators, tip_desk, tip_evidence_view
from backend.web.blueprint import Blueprint
from backend.web.context import runtime

blp = Blueprint("staff-tips", __name__, url_prefix="/staff/tips", description="Tips 举报核查")


@blp.get("")
@blp.arguments(TipListQuery, location="query")
@blp.response(200, TipListSchema)
def listing(query: dict[str, Any]) -> dict[str, Any]:
    """Released tips that are sealed to you, the newest days first; names only while your key is open."""
    after, limit = cursors.read(query["cursor"]), query["limit"]
    return tip_desk.listing(status=query["status"], after=after, limit=limit)


@blp.post("/unlock")
@blp.arguments(UnlockSchema)
@blp.response(200, UnlockedSchema)
def unlock(body: dict[str, Any]) -> dict[str, Any]:
    """Open your key for this access token, a quarter of an hour at most. Wrong passphrase: 403."""
    return {"unlocked_until": investigators.unlock(body["passphrase"], secret=investigators.secret())}


@blp.get("/<uuid:tip_id>")
@blp.response(200, TipCardSchema)
def show(tip_id: str) -> dict[str, Any]:
    """One tip, opened; the opening is logged. Locked: 423 `tips_locked`; not yours: 404."""
    at = runtime().tips
    card = at.db.transact(desk.show, opener=investigators.opener(), tip_id=tip_id, day=at.today)
    return tip_desk.card(card)


@blp.get("/<uuid:tip_id>/evidence/<uuid:entry_id>")
@blp.response(200, content_type="application/octet-stream")
def evidence(tip_id: str, entry_id: str) -> Response:
    """One photo, recording or PDF; the look is logged. Locked: 423 `tips_locked`; destroyed or not yours: 404."""
    return tip_evidence_view.view(tip_id, entry_id)
