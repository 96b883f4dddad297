"""What an applicant can say on a case that was handed in: reply to a question, or apply again after its end."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.api.applications import one
from backend.applications import questions
from backend.schemas.applications import ApplicationSchema
from backend.schemas.corrections import WordsSchema
from backend.web.blueprint import Blueprint
from backend.web.cases import own
from backend.web.once import once
from backend.web.renewals import renew as renewed

blp = Blueprint(
    "conversation", __name__, url_prefix="/applications", description="Replies, applying again 回答、再申请"
)


@blp.post("/<id:application_id>/questions/<id:question_id>/reply")
@blp.arguments(WordsSchema)
@blp.response(200, ApplicationSchema)
def reply(body: dict[str, Any], application_id: int, question_id: int) -> Response:
    """Answer a question of the office, once."""
    once(questions.reply, **own(application_id), question_id=question_id, text=body["text"])
    return one(application_id)


@blp.post("/<id:application_id>/renewal")
@blp.response(201, ApplicationSchema)
def renew(application_id: int) -> Response:
    """A new draft with the answers and the kept materials of a case that ended; the same one when pressed again."""
    return one(renewed(application_id), 201)
