"""Bad ratings that my office works off 差评整改: without a name, with an answer to the person."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.applications import ratings
from backend.schemas.statistics import BadRatingsSchema, RatingAnswerSchema, RatingsQuery
from backend.web.answers import json, page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.once import once
from backend.web.reviewers import reviewer

blp = Blueprint("staff-ratings", __name__, url_prefix="/staff/ratings", description="Ratings that want an answer")


@blp.get("")
@blp.arguments(RatingsQuery, location="query")
@blp.response(200, BadRatingsSchema)
def list_waiting(query: dict[str, Any]) -> Response:
    """Ratings of 1 and 2 that wait for my office, the oldest first."""
    at = runtime()
    with at.db.reading() as session:
        page = ratings.waiting(session, at.vault, reviewer=reviewer(), **query)
        return json(page_of(page.items, page.next_cursor))


@blp.post("/<id:rating_id>/answer")
@blp.arguments(RatingAnswerSchema)
@blp.response(200, content_type="application/json")
def answer(body: dict[str, Any], rating_id: int) -> Response:
    """Say what was done about it; the person gets a message."""
    at = runtime()
    once(ratings.answer, vault=at.vault, reviewer=reviewer(), rating_id=rating_id, text=body["text"], now=at.clock())
    return json({"status": "answered", "status_label": ratings.STATES["answered"], "allowed_actions": []})
