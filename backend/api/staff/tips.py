"""Tips for the investigators: a list that says nothing until it is unlocked, one tip, what is done with it."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.schemas.staff_tips import (
    HistorySchema,
    PatternsSchema,
    TipCardSchema,
    TipListQuery,
    TipListSchema,
    TipMergeSchema,
    TipMoveSchema,
    TipWordsSchema,
    UnlockedSchema,
    UnlockSchema,
)
from backend.tips import cursors, dialogue, merging, moving, patterns
from backend.tips.moving import Words
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
    return tip_desk.listing(view=query["view"], status=query["status"], after=after, limit=limit)


@blp.post("/unlock")
@blp.arguments(UnlockSchema)
@blp.response(200, UnlockedSchema)
def unlock(body: dict[str, Any]) -> dict[str, Any]:
    """Open your key for this access token, a quarter of an hour at most. Wrong passphrase: 403."""
    return {"unlocked_until": investigators.unlock(body["passphrase"], secret=investigators.secret())}


@blp.post("/lock")
@blp.response(204)
def lock() -> None:
    """Close your key for this access token at once"""
    investigators.lock()


@blp.get("/patterns")
@blp.response(200, PatternsSchema)
def institutions() -> dict[str, Any]:
    """Targets of two tips or more: how many in how many months, and their outcomes. Locked: 423 `tips_locked`."""
    with runtime().tips.db.reading() as session:
        return {"items": patterns.patterns(session, opener=investigators.opener())}


@blp.get("/<uuid:tip_id>")
@blp.response(200, TipCardSchema)
def show(tip_id: str) -> dict[str, Any]:
    """One tip, opened

    The opening is logged, the first one acknowledges it. Locked: 423 `tips_locked`; not yours: 404.
    """
    return tip_desk.opened(tip_id)


@blp.get("/<uuid:tip_id>/log")
@blp.response(200, HistorySchema)
def log(tip_id: str) -> dict[str, Any]:
    """Who did what with it on which day; no times are kept, so within a day there is no order."""
    return {"items": tip_desk.history(tip_id)}


@blp.post("/<uuid:tip_id>/messages")
@blp.arguments(TipWordsSchema)
@blp.response(201, TipCardSchema)
def tell(body: dict[str, Any], tip_id: str) -> dict[str, Any]:
    """Write into the mailbox of the reporter

    `ask`: a question, the tip waits for the answer. Words that tell who a woman is: 422 `third_party`. The mailbox is
    gone: 409 `reporter_left`.
    """
    tip_desk.act(dialogue.say, tip_id, **body)
    return tip_desk.opened(tip_id)


@blp.post("/<uuid:tip_id>/moves")
@blp.arguments(TipMoveSchema)
@blp.response(200, TipCardSchema)
def move(body: dict[str, Any], tip_id: str) -> dict[str, Any]:
    """Begin to verify, conclude, close or reopen

    Not from this status: 409 `not_allowed_now`. Of two at once with the same `version` one gets 409.
    """
    words = Words(body["note"], body["tell"])
    tip_desk.act(moving.move, tip_id, name=body["move"], words=words, version=body["version"])
    return tip_desk.opened(tip_id)


@blp.post("/<uuid:tip_id>/merge")
@blp.arguments(TipMergeSchema)
@blp.response(200, TipCardSchema)
def merge(body: dict[str, Any], tip_id: str) -> dict[str, Any]:
    """Let another tip about the same target go on instead of this one; both mailboxes go on answering."""
    tip_desk.act(merging.merge, tip_id, into=body["into"], version=body["version"])
    return tip_desk.opened(tip_id)


@blp.get("/<uuid:tip_id>/evidence/<uuid:entry_id>")
@blp.response(200, content_type="application/octet-stream")
def evidence(tip_id: str, entry_id: str) -> Response:
    """One photo, recording or PDF; the look is logged. Locked: 423 `tips_locked`; destroyed or not yours: 404."""
    return tip_evidence_view.view(tip_id, entry_id)
