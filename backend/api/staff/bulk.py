"""Bulk acts over many cases: a dry run, a result per case, progress, stop."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.applications import bulk, bulk_acts, bulk_checks, handover, templates
from backend.applications.bulk_checks import Pick, Wish
from backend.applications.corrections import Defect
from backend.applications.policy import Reviewer
from backend.schemas.desk import BulkActSchema, BulkDecisionSchema, ColleagueListSchema
from backend.web import bulk_acts as begun
from backend.web.answers import json, page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.reviewers import reviewer

blp = Blueprint("staff-bulk", __name__, url_prefix="/staff", description="Bulk 批量办理")


@blp.post("/applications/bulk-decisions")
@blp.arguments(BulkDecisionSchema)
@blp.response(200, BulkActSchema)
@blp.alt_response(202, schema=BulkActSchema)
def decide(body: dict[str, Any]) -> Response:
    """Accept, approve, request a correction, or hand over up to 500 cases; a result per case.

    Up to 20 are done in the request (200); the rest goes on behind it (202, then ``GET /staff/bulk-acts/{id}``).
    """
    clerk = reviewer()
    picks = [Pick(**case) for case in body["cases"]] + [Pick(number) for number in body["numbers"]]
    wish = _wish(clerk, body)
    if body["dry_run"]:
        return json(_dry(clerk, wish, picks))
    act = _one(begun.begin(clerk, wish, picks))
    return json(act, 202 if act["status"] == "running" else 200)


@blp.get("/bulk-acts/<id:act_id>")
@blp.response(200, BulkActSchema)
def read(act_id: int) -> Response:
    """How far an act of mine is, and what became of each case."""
    return json(_one(act_id))


@blp.post("/bulk-acts/<id:act_id>/stop")
@blp.response(200, BulkActSchema)
def stop(act_id: int) -> Response:
    """Do no more of it; what is done stays done."""
    at = runtime()
    at.db.transact(bulk.stop, vault=at.vault, reviewer=reviewer(), act_id=act_id, now=at.clock())
    return json(_one(act_id))


@blp.get("/colleagues")
@blp.response(200, ColleagueListSchema)
def colleagues() -> Response:
    """Who else works in my office, for a hand-over."""
    with runtime().db.reading() as session:
        found = handover.colleagues(session, region=reviewer().region, but=reviewer().id)
    items = [{"username": one.username, "post": one.post} for one in found]
    return json(page_of(items, None))


def _wish(clerk: Reviewer, body: dict[str, Any]) -> Wish:
    """What is asked for; a template stands in for what the body leaves empty."""
    note, items = body["note"], tuple(Defect(**item) for item in body["items"])
    if body["template"] is not None:
        with runtime().db.reading() as session:
            kept = templates.content(session, reviewer=clerk, template_id=body["template"])
        note, items = note or kept.note, items or kept.items
    return Wish(body["decision"], note, items, body["to"])


def _dry(clerk: Reviewer, wish: Wish, picks: list[Pick]) -> dict[str, Any]:
    at = runtime()
    with at.db.reading() as session:
        items = bulk_checks.preview(session, reviewer=clerk, wish=wish, picks=picks, now=at.clock())
    return bulk_acts.dry(wish.kind, items)


def _one(act_id: int) -> dict[str, Any]:
    with runtime().db.reading() as session:
        return bulk_acts.one(session, reviewer=reviewer(), act_id=act_id)
