"""Notices of the jurisdiction, and the objections that wait for an answer."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.applications import notice_desk, objections
from backend.schemas.base import PageQuery
from backend.schemas.notices import AnswerSchema, StaffNoticesSchema, StaffObjectionSchema
from backend.web.answers import json, page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.once import once
from backend.web.reviewers import reviewer

blp = Blueprint("staff-notices", __name__, url_prefix="/staff", description="Notices 公示 and objections 异议")


@blp.get("/notices")
@blp.arguments(PageQuery, location="query")
@blp.response(200, StaffNoticesSchema)
def listing(query: dict[str, Any]) -> Response:
    """Open objections of my jurisdiction, then the notices that stand there, by their last day."""
    at, clerk = runtime(), reviewer()
    with at.db.reading() as session:
        waiting = [] if query["cursor"] else notice_desk.waiting(session, reviewer=clerk)
        page = notice_desk.running(session, reviewer=clerk, now=at.clock(), **query)
    return json({"objections": waiting} | page_of(page.items, page.next_cursor))


@blp.get("/objections/<id:objection_id>")
@blp.response(200, StaffObjectionSchema)
def one(objection_id: int) -> Response:
    """One objection with its words; the look is recorded."""
    return json(opened(objection_id))


@blp.post("/objections/<id:objection_id>/answer")
@blp.arguments(AnswerSchema)
@blp.response(200, StaffObjectionSchema)
def answer(body: dict[str, Any], objection_id: int) -> Response:
    """Answer: dismissed, the case goes on; upheld, the notice ends and the level that found reviews again."""
    at = runtime()
    once(
        objections.answer,
        vault=at.vault,
        calendar=at.calendar,
        reviewer=reviewer(),
        objection_id=objection_id,
        upheld=body["upheld"],
        words=body["answer"],
        now=at.clock(),
    )
    return json(opened(objection_id))


def opened(objection_id: int) -> dict[str, Any]:
    """The objection as this clerk may see it, with the look written down."""
    at = runtime()
    return at.db.transact(notice_desk.opened, at.vault, reviewer=reviewer(), objection_id=objection_id, now=at.clock())
