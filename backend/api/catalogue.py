"""What anyone may read: regions, offices, service items and their self-check."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.catalogue import eligibility, queries, representation, search, stored
from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_
from backend.schemas.catalogue import (
    OfficeList,
    OfficeQuery,
    RegionList,
    RegionQuery,
    SelfCheckSchema,
    ServiceItemList,
    ServiceItemQuery,
    ServiceItemSchema,
    VerdictSchema,
    key_cursor,
)
from backend.web.answers import page_of, stored as stored_bytes
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.words import language

blp = Blueprint("catalogue", __name__, description="Service items, regions and offices")


@blp.get("/regions")
@blp.arguments(RegionQuery, location="query")
@blp.response(200, RegionList)
def list_regions(query: dict[str, Any]) -> dict[str, Any]:
    """The places directly below one place; the provinces without a parent."""
    with runtime().db.reading() as session:
        found = queries.regions(session, parent=query["parent"], after=query["cursor"], limit=query["limit"] + 1)
    return _page(found, query["limit"], lambda region: region.code)


@blp.get("/offices")
@blp.arguments(OfficeQuery, location="query")
@blp.response(200, OfficeList)
def list_offices(query: dict[str, Any]) -> dict[str, Any]:
    """The office of a place and those above it, with their telephone numbers."""
    with runtime().db.reading() as session:
        found = queries.offices(session, region=query["region"], after=query["cursor"], limit=query["limit"] + 1)
    return _page(found, query["limit"], lambda office: office.region)


@blp.get("/service-items")
@blp.arguments(ServiceItemQuery, location="query")
@blp.response(200, ServiceItemList)
def list_service_items(query: dict[str, Any]) -> dict[str, Any]:
    """Service items, also by what people call them (``q`` is taken literally)."""
    db = runtime().db
    region = queries.full_code(query["region"]) if query["region"] else None
    if region:
        with db.reading() as session:
            queries.check_region(session, region)
    found = search.find(stored.items(db, db.reading), words=query["q"], region=region)
    codes = [item.code for item in found]
    if query["cursor"]:
        if query["cursor"] not in codes:
            raise Invalid("invalid_cursor", N_("翻页的位置不对，请从第一页看起"))
        found = found[codes.index(query["cursor"]) + 1 :]
    cards = [representation.card(item, english=language() == "en") for item in found[: query["limit"] + 1]]
    return _page(cards, query["limit"], lambda card: card["code"])


@blp.get("/service-items/<string:code>")
@blp.response(200, ServiceItemSchema)
def read_service_item(code: str) -> Response:
    """The guide of an item with form, materials, sample, workflow and deadline, as it was published."""
    db = runtime().db
    guide = stored.guide(db, db.reading, code)
    if language() == "en":
        return stored_bytes(guide.content_en, version=guide.version, variant="-en")
    return stored_bytes(guide.content, version=guide.version)


@blp.post("/service-items/<string:code>/eligibility")
@blp.arguments(SelfCheckSchema)
@blp.response(200, VerdictSchema)
def check_eligibility(body: dict[str, Any], code: str) -> dict[str, Any]:
    """Whether a person may apply, by their own answers; nothing is kept."""
    at = runtime()
    with at.db.reading() as session:
        definition = queries.definition(session, code)
        verdict = eligibility.verdict(
            definition, body["answers"], now=at.clock(), region_exists=queries.region_exists(session)
        )
    reasons = [part.reason_en if language() == "en" else part.reason for part in verdict.reasons]
    estimate = None if verdict.months is None else {"months": verdict.months, "yuan": verdict.yuan}
    return {"eligible": not reasons, "reasons": reasons, "estimate": estimate}


def _page(found: list[Any], limit: int, key: Any) -> dict[str, Any]:
    """A page of a list that was read one row too far."""
    more = len(found) > limit
    return page_of(found[:limit], key_cursor(key(found[limit - 1])) if more else None)
