"""Visits at home, for the resident who asked for one."""

from __future__ import annotations

from flask import Response

from backend.applications import queries, visits
from backend.schemas.supplies import VisitsSchema
from backend.web.answers import json
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once
from backend.web.visits import shown

blp = Blueprint("visits", __name__, url_prefix="/applications/<id:application_id>/visits", description="Visits 上门")


@blp.get("")
@blp.response(200, VisitsSchema)
def list_visits(application_id: int) -> Response:
    """The visits of my case, newest first."""
    return _all(application_id)


@blp.post("/<id:visit_id>/agreement")
@blp.response(200, VisitsSchema)
def agree(application_id: int, visit_id: int) -> Response:
    """Take the time that was offered."""
    once(visits.agree, resident_id=caller().id, application_id=application_id, visit_id=visit_id, now=runtime().clock())
    return _all(application_id)


@blp.post("/<id:visit_id>/cancellation")
@blp.response(200, VisitsSchema)
def decline(application_id: int, visit_id: int) -> Response:
    """The time does not suit, or nobody needs to come any more; without any consequence."""
    now = runtime().clock()
    once(visits.decline, resident_id=caller().id, application_id=application_id, visit_id=visit_id, now=now)
    return _all(application_id)


def _all(application_id: int) -> Response:
    at = runtime()
    with at.db.reading() as session:
        queries.handed_in(session, resident_id=caller().id, application_id=application_id)
        cards = visits.of_case(session, application_id, now=at.clock())
    return json({"items": [shown(card, staff=False) for card in cards]})
