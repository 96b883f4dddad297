"""My benefits 奖励扶助 and their yearly confirmation 年审."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.benefits import confirmations, looks, queries
from backend.schemas.benefits import (
    BenefitRecordSchema,
    BenefitsSchema,
    ChangeSchema,
    ConfirmationSchema,
    OfferAnswerSchema,
)
from backend.web import benefits
from backend.web.answers import json
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once

blp = Blueprint("benefits", __name__, description="Benefits 奖励扶助")


@blp.get("/benefits")
@blp.response(200, BenefitsSchema)
def listed() -> Response:
    """What I receive and received, with payments and the newest confirmation."""
    at = runtime()
    with at.db.reading() as session:
        return json({"items": queries.mine(session, at.vault, resident_id=caller().id)})


@blp.get("/benefits/<id:recipient_id>/record")
@blp.response(200, BenefitRecordSchema)
def record(recipient_id: int) -> Response:
    """Who looked at it and why, and who changed it, newest first; posts, never names."""
    with runtime().db.reading() as session:
        return json({"items": looks.of_mine(session, resident_id=caller().id, recipient_id=recipient_id)})


@blp.get("/confirmations/<id:confirmation_id>")
@blp.response(200, ConfirmationSchema)
def read(confirmation_id: int) -> Response:
    """One of my confirmations, with everything that is known already."""
    return _one(confirmation_id)


@blp.post("/confirmations/<id:confirmation_id>/confirmation")
@blp.response(200, ConfirmationSchema)
def confirm(confirmation_id: int) -> Response:
    """Nothing has changed."""
    once(confirmations.confirm, **_mine(confirmation_id))
    return _one(confirmation_id)


@blp.post("/confirmations/<id:confirmation_id>/change")
@blp.arguments(ChangeSchema)
@blp.response(200, ConfirmationSchema)
def report(body: dict[str, Any], confirmation_id: int) -> Response:
    """Something has changed: a clerk looks at it, everything stays until then."""
    benefits.report(confirmation_id, body)
    return _one(confirmation_id)


@blp.post("/confirmations/<id:confirmation_id>/offer")
@blp.arguments(OfferAnswerSchema)
@blp.response(200, ConfirmationSchema)
def answer_offer(body: dict[str, Any], confirmation_id: int) -> Response:
    """Accept a call or a visit, or want none."""
    once(confirmations.answer_offer, answer=body["answer"], **_mine(confirmation_id))
    return _one(confirmation_id)


def _mine(confirmation_id: int) -> dict[str, Any]:
    return {"resident_id": caller().id, "confirmation_id": confirmation_id, "now": runtime().clock()}


def _one(confirmation_id: int) -> Response:
    at = runtime()
    with at.db.reading() as session:
        return json(queries.confirmation(session, at.vault, resident_id=caller().id, confirmation_id=confirmation_id))
