"""Visits at home, for the office that makes them."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.applications import claims, visits
from backend.schemas.supplies import OfferSchema, VisitsSchema
from backend.web.answers import json
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.once import once
from backend.web.reviewers import reviewer
from backend.web.visits import shown

blp = Blueprint("staff-visits", __name__, url_prefix="/staff", description="Visits 上门")


@blp.get("/visits")
@blp.response(200, VisitsSchema)
def agenda() -> Response:
    """Coming visits of my jurisdiction, and past ones that nobody has marked yet."""
    at = runtime()
    with at.db.reading() as session:
        cards = visits.agenda(session, reviewer=reviewer(), now=at.clock())
    return json({"items": [shown(card, staff=True) for card in cards]})


@blp.post("/applications/<string:number>/visits")
@blp.arguments(OfferSchema)
@blp.response(201, VisitsSchema)
def offer(body: dict[str, Any], number: str) -> Response:
    """Offer a time; an earlier offer gives way to it."""
    at = runtime()
    once(visits.offer, calendar=at.calendar, reviewer=reviewer(), number=number, now=at.clock(), **body)
    return _of(number, 201)


@blp.post("/applications/<string:number>/visits/<id:visit_id>/cancellation")
@blp.response(200, VisitsSchema)
def call_off(number: str, visit_id: int) -> Response:
    """The office cannot come; the resident is told."""
    once(visits.call_off, reviewer=reviewer(), number=number, visit_id=visit_id, now=runtime().clock())
    return _of(number)


@blp.post("/applications/<string:number>/visits/<id:visit_id>/completion")
@blp.response(200, VisitsSchema)
def made(number: str, visit_id: int) -> Response:
    """The visit took place."""
    once(visits.made, reviewer=reviewer(), number=number, visit_id=visit_id, now=runtime().clock())
    return _of(number)


def _of(number: str, status: int = 200) -> Response:
    at = runtime()
    with at.db.reading() as session:
        row = claims.in_jurisdiction(session, reviewer(), number, lock=False)
        cards = visits.of_case(session, row.id, now=at.clock())
    return json({"items": [shown(card, staff=True) for card in cards]}, status)
