"""Offices: what receipts, certificates and guides show."""

from __future__ import annotations

from typing import Any

from backend.administration import offices
from backend.administration.offices import OfficeLine, Plate
from backend.schemas.administration import AdminOfficeList, AdminOfficeSchema, OfficesQuery, PlateSchema
from backend.schemas.catalogue import key_cursor
from backend.web.admins import administrator
from backend.web.answers import page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime

blp = Blueprint("admin-offices", __name__, url_prefix="/admin/offices", description="Administration 管理")


@blp.get("")
@blp.arguments(OfficesQuery, location="query")
@blp.response(200, AdminOfficeList)
def list_offices(query: dict[str, Any]) -> dict[str, Any]:
    """The places of my region with their offices; the name is empty where there is none yet."""
    limit = query["limit"]
    with runtime().db.reading() as session:
        found = offices.page(session, admin=administrator(), words=query["q"], after=query["cursor"], limit=limit + 1)
    return page_of(found[:limit], key_cursor(found[limit - 1].region) if len(found) > limit else None)


@blp.get("/<string:region>")
@blp.response(200, AdminOfficeSchema)
def read_office(region: str) -> OfficeLine:
    """The office of one place."""
    with runtime().db.reading() as session:
        return offices.one(session, admin=administrator(), region=region)


@blp.put("/<string:region>")
@blp.arguments(PlateSchema)
@blp.response(200, AdminOfficeSchema)
def put_office(body: dict[str, Any], region: str) -> OfficeLine:
    """Name, number and address of an office; opens one where the place has none."""
    at = runtime()
    at.db.transact(
        offices.put, admin=administrator(), region=region, plate=Plate(**body), expected=None, now=at.clock()
    )
    return read_office(region)
