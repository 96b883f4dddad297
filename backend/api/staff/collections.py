"""Collections 领取: supplies against a code at any counter of the county, and parcels to post."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.applications import supplies
from backend.applications.supplies import Parcel
from backend.kernel import cursors, ids
from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_
from backend.schemas.base import PageQuery
from backend.schemas.supplies import CollectedSchema, HandOverSchema, ParcelListSchema, ParcelSchema
from backend.web import collecting
from backend.web.answers import json, page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.reviewers import reviewer

blp = Blueprint("staff-collections", __name__, url_prefix="/staff", description="Collections 领取")


@blp.post("/collections")
@blp.arguments(HandOverSchema)
@blp.response(200, CollectedSchema)
def hand_over(body: dict[str, Any]) -> Response:
    """Hand supplies over against a scanned `token`, or `number` and `code`; the code is used up.

    A used, foreign or unknown code is 409; the answer of a repeated call is 409 `already_collected`.
    """
    if "token" not in body and not {"number", "code"} <= set(body):
        raise Invalid("code_missing", N_("请扫码，或者填编号和 8 位校验码"))
    number = collecting.hand_over(clerk=reviewer(), **body)
    return json({"number": number, "status": "collected", "status_label": N_("已领取")})


@blp.get("/parcels")
@blp.arguments(PageQuery, location="query")
@blp.response(200, ParcelListSchema)
def list_parcels(query: dict[str, Any]) -> Response:
    """Parcels that wait to be posted, oldest first; names and addresses stand on each parcel's own page."""
    after = cursors.read(query["cursor"])
    with runtime().db.reading() as session:
        found = supplies.parcels(session, clerk=reviewer(), after=after[1] if after else 0, limit=query["limit"] + 1)
    shown, more = found[: query["limit"]], len(found) > query["limit"]
    return json(
        page_of([_parcel(one) for one in shown], cursors.make(shown[-1].asked_at, shown[-1].id) if more else None)
    )


@blp.get("/parcels/<id:parcel_id>")
@blp.response(200, ParcelSchema)
def read(parcel_id: int) -> Response:
    """To whom a parcel goes; the look is recorded for the applicant."""
    at = runtime()
    return json(
        _parcel(
            at.db.transact(supplies.open_parcel, at.vault, clerk=reviewer(), collection_id=parcel_id, now=at.clock())
        )
    )


@blp.post("/parcels/<id:parcel_id>/posting")
@blp.response(204)
def posted(parcel_id: int) -> None:
    """The parcel went out."""
    at = runtime()
    at.db.transact(supplies.post, clerk=reviewer(), collection_id=parcel_id, now=at.clock())


def _parcel(one: Parcel) -> dict[str, Any]:
    waiting = one.done_at is None
    return {
        "id": ids.encode(one.id),
        "number": one.number,
        "asked_at": one.asked_at.isoformat(),
        "done_at": one.done_at.isoformat() if one.done_at else None,
        "status": "waiting" if waiting else "posted",
        "status_label": N_("等寄出") if waiting else N_("已寄出"),
        "lines": [{"label": label, "value": value} for label, value in one.lines],
        "allowed_actions": ["post"] if waiting else [],
    }
