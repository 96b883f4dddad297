"""Rating 好差评 of my own finished case: once, within 30 days."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.applications import ratings
from backend.schemas.statistics import RateSchema, RatingSchema
from backend.web.answers import json
from backend.web.blueprint import Blueprint
from backend.web.cases import own
from backend.web.context import runtime
from backend.web.once import once

blp = Blueprint("ratings", __name__, url_prefix="/applications/<id:application_id>/rating", description="Rating 好差评")


@blp.get("")
@blp.response(200, RatingSchema)
def read(application_id: int) -> Response:
    """My rating with the office's answer, or whether I can still give one."""
    return _mine(application_id)


@blp.post("")
@blp.arguments(RateSchema)
@blp.response(201, RatingSchema)
def rate(body: dict[str, Any], application_id: int) -> Response:
    """Rate my finished case, 5 very satisfied to 1 very dissatisfied; a second time 409 ``already_rated``."""
    once(ratings.rate, **own(application_id), **body)
    return _mine(application_id, 201)


def _mine(application_id: int, status: int = 200) -> Response:
    with runtime().db.reading() as session:
        return json(ratings.mine(session, **own(application_id)), status)
