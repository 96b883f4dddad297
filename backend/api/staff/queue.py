"""The queue beside its list: counts per view, and finding a case or a person's cases."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask import Response

from backend.applications import queue, search
from backend.schemas.desk import CountsSchema, FoundSchema, SearchSchema
from backend.web.answers import json
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.reviewers import reviewer

blp = Blueprint("staff-queue", __name__, url_prefix="/staff/applications", description="Queue 待办")


@blp.get("/counts")
@blp.response(200, CountsSchema)
def count() -> Response:
    """How many cases per view, counted to 100 and no further."""
    at = runtime()
    with at.db.reading() as session:
        found = queue.counts(session, reviewer=reviewer(), now=at.clock())
    return json({"counts": found, "capped_at": queue.MOST_COUNTED})


@blp.post("/search")
@blp.arguments(SearchSchema)
@blp.response(200, FoundSchema)
def find(body: dict[str, Any]) -> Response:
    """Cases by number, exact name, or exact document; a look at a person's cases is noted in each of them."""
    at, clerk = runtime(), reviewer()
    number = body.pop("number")
    if number:
        typed = unicodedata.normalize("NFKC", number).strip().upper()
        with at.db.reading() as session:
            found = search.by_number(session, reviewer=clerk, number=typed, now=at.clock())
    else:
        person = search.person(**body)
        found = at.db.transact(search.by_person, vault=at.vault, reviewer=clerk, person=person, now=at.clock())
    return json({"items": found.items, "more": found.more})
