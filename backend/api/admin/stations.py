"""Stations: what people read of them, and whether they are open."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.bookings import stations
from backend.bookings.stations import Profile
from backend.schemas.stations import AdminStationSchema, AdminStationsSchema, NewStationSchema, StationProfileSchema
from backend.web.answers import expected_version, json, page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.nurses import administrator
from backend.web.once import once
from backend.web.stations import file_body

blp = Blueprint("admin-stations", __name__, url_prefix="/admin/stations", description="Administration 管理")


@blp.get("")
@blp.response(200, AdminStationsSchema)
def list_stations() -> Response:
    """The stations of my place, closed ones too."""
    with runtime().db.reading() as session:
        found = stations.page(session, admin=administrator())
    return json(page_of([file_body(one) for one in found], None))


@blp.post("")
@blp.arguments(NewStationSchema)
@blp.response(201, AdminStationSchema)
def add_station(body: dict[str, Any]) -> Response:
    """Open a station; it has no times until a nurse sets its rules."""
    code = body.pop("code")
    once(stations.add, admin=administrator(), code=code, profile=Profile(**body), now=runtime().clock())
    return _one(code, 201)


@blp.get("/<string:code>")
@blp.response(200, AdminStationSchema)
def read_station(code: str) -> Response:
    """One station."""
    return _one(code)


@blp.put("/<string:code>")
@blp.arguments(StationProfileSchema)
@blp.response(200, AdminStationSchema)
def put_station(body: dict[str, Any], code: str) -> Response:
    """Change what people read; ``If-Match`` guards against a colleague's change."""
    at = runtime()
    at.db.transact(
        stations.change,
        admin=administrator(),
        code=code,
        profile=Profile(**body),
        expected_version=expected_version(),
        now=at.clock(),
    )
    return _one(code)


@blp.post("/<string:code>/closing")
@blp.response(200, AdminStationSchema)
def close_station(code: str) -> Response:
    """Take a station out of use: its times are withdrawn, bookings stand until another time is taken."""
    return _set_active(code, active=False)


@blp.post("/<string:code>/reopening")
@blp.response(200, AdminStationSchema)
def reopen_station(code: str) -> Response:
    """Use it again, by the rules it had."""
    return _set_active(code, active=True)


def _set_active(code: str, *, active: bool) -> Response:
    at = runtime()
    once(stations.set_active, calendar=at.calendar, admin=administrator(), code=code, active=active, now=at.clock())
    return _one(code)


def _one(code: str, status: int = 200) -> Response:
    with runtime().db.reading() as session:
        found = stations.one(session, admin=administrator(), code=code)
    return json(file_body(found), status, version=found.version)
