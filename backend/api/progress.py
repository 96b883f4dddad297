"""Progress by number, without login."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.schemas.applications import ProgressAnswerSchema, ProgressSchema
from backend.web.answers import json
from backend.web.blueprint import Blueprint
from backend.web.lookups import progress

blp = Blueprint("progress", __name__, url_prefix="/progress", description="Progress without login")


@blp.post("")
@blp.arguments(ProgressSchema)
@blp.response(200, ProgressAnswerSchema)
def read(body: dict[str, Any]) -> Response:
    """Status and dates by number and the last four digits of the mobile; five tries a day, then the same 404."""
    return json(progress(**body))
