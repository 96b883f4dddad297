"""Public notices 公示 and objections 异议, without a login; nobody who reads or writes here is looked at."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.applications import notice_queries
from backend.applications.objections import Words
from backend.catalogue.queries import full_code
from backend.schemas.notices import (
    NoticesQuery,
    ObjectionCodeSchema,
    ObjectionProgressSchema,
    ObjectionQuery,
    ObjectionSchema,
    PublicNoticeSchema,
    PublicNoticesSchema,
)
from backend.web import objections
from backend.web.answers import json, page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.words import language

blp = Blueprint("public-notices", __name__, description="Public notices 公示, open to all")
ROBOTS = "noindex, nofollow, noarchive, nosnippet"


@blp.after_request
def keep_out(response: Response) -> Response:
    """No search engine lists it, no cache keeps it: a notice that is over must be gone."""
    response.headers["X-Robots-Tag"] = ROBOTS
    return response


@blp.get("/public-notices")
@blp.arguments(NoticesQuery, location="query")
@blp.response(200, PublicNoticesSchema)
def listing(query: dict[str, Any]) -> Response:
    """What is announced in a county, town or village today, by its last day; masked."""
    at = runtime()
    region = full_code(query["region"])
    with at.db.reading() as session:
        page = notice_queries.page(session, region=region, limit=query["limit"], cursor=query["cursor"], now=at.clock())
    return json(page_of([_said(item) for item in page.items], page.next_cursor))


@blp.get("/public-notices/<id:notice_id>")
@blp.response(200, PublicNoticeSchema)
def one(notice_id: int) -> Response:
    """One notice; 410 `notice_ended` once it is over."""
    at = runtime()
    with at.db.reading() as session:
        return json(_said(notice_queries.one(session, notice_id=notice_id, now=at.clock())))


@blp.post("/public-notices/<id:notice_id>/objections")
@blp.arguments(ObjectionSchema)
@blp.response(201, ObjectionCodeSchema)
def object_to(body: dict[str, Any], notice_id: int) -> Response:
    """Object, named or not; the code reads the answer later. 409 `notice_over` after the last day.

    Numbers of people in `text` → 422 `third_party` with the spots, nothing stored. Neither account nor address nor
    moment is kept, only the day.
    """
    words = Words(body["text"], body["name"] or "", body["contact"] or "")
    return json({"code": objections.make(notice_id, words)}, 201)


@blp.post("/objections/progress")
@blp.arguments(ObjectionQuery)
@blp.response(200, ObjectionProgressSchema)
def progress(body: dict[str, Any]) -> Response:
    """How an objection fares and what the office answered, by its code."""
    at = runtime()
    with at.db.reading() as session:
        return json(notice_queries.progress(session, at.vault, code=body["code"]))


def _said(item: dict[str, Any]) -> dict[str, Any]:
    """The title in the language of the request."""
    english = item.pop("title_en")
    return item | {"title": english} if english and language() == "en" else item
