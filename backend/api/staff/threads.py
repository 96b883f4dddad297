"""The conversation around a case: questions to the applicant, notes among clerks."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.api.staff.applications import one
from backend.applications import notes, questions
from backend.schemas.applications import StaffCaseSchema
from backend.schemas.base import PageQuery
from backend.schemas.corrections import NotesSchema, WordsSchema
from backend.web.answers import json, page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.once import once
from backend.web.reviewers import reviewer

blp = Blueprint(
    "staff-threads", __name__, url_prefix="/staff/applications", description="Questions and notes 提问和备注"
)


@blp.post("/<string:number>/questions")
@blp.arguments(WordsSchema)
@blp.response(201, StaffCaseSchema)
def ask(body: dict[str, Any], number: str) -> Response:
    """Ask the applicant something while I hold the case; the clock keeps running."""
    _say(questions.ask, number, body["text"])
    return one(number, 201)


@blp.post("/<string:number>/notes")
@blp.arguments(WordsSchema)
@blp.response(201, StaffCaseSchema)
def write(body: dict[str, Any], number: str) -> Response:
    """Leave a note for colleagues; the applicant never sees it."""
    _say(notes.write, number, body["text"])
    return one(number, 201)


@blp.get("/<string:number>/notes")
@blp.arguments(PageQuery, location="query")
@blp.response(200, NotesSchema)
def list_notes(query: dict[str, Any], number: str) -> Response:
    """The notes of a case, newest first."""
    at = runtime()
    with at.db.reading() as session:
        page = notes.page(session, at.vault, reviewer=reviewer(), number=number, **query)
        return json(page_of(page.items, page.next_cursor))


def _say(command: Any, number: str, text: str) -> None:
    at = runtime()
    once(command, vault=at.vault, reviewer=reviewer(), number=number, text=text, now=at.clock())
