"""Stations and what is free there; open to everybody."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from flask import Response

from backend.bookings import availability, closures, queries, returns
from backend.kernel.clock import today
from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_
from backend.schemas.bookings import DaysQuery, DaysSchema, SlotsQuery, SlotsSchema, StationsQuery, StationsSchema
from backend.schemas.waitlist import ReleasesSchema
from backend.web.answers import json, page_of
from backend.web.blueprint import Blueprint
from backend.web.bookings import slot_body, station_body
from backend.web.context import runtime

blp = Blueprint("stations", __name__, url_prefix="/stations", description="Stations 服务站 and their slots")

LONGEST = 62


@blp.get("")
@blp.arguments(StationsQuery, location="query")
@blp.response(200, StationsSchema)
def list_stations(query: dict[str, Any]) -> Response:
    """The stations of the county that a region lies in, those of the same town first."""
    with runtime().db.reading() as session:
        cards = queries.stations(session, region=query["region"])
    return json(page_of([station_body(card) for card in cards], None))


@blp.get("/<string:code>/days")
@blp.arguments(DaysQuery, location="query")
@blp.response(200, DaysSchema)
def list_days(query: dict[str, Any], code: str) -> Response:
    """What is free on each day, and why the station is closed on one."""
    at = runtime()
    first, last, now = query["first"], query["last"], at.clock()
    _check_range(first, last)
    with at.db.reading() as session:
        queries.station(session, code)
        found = availability.days(session, stations=[code], first=first, last=last, now=now, town=town(query))[code]
        free = availability.next_free(session, station=code, after=today(now), now=now, town=town(query))
        closed = closures.notices(session, station=code, first=first, last=last)
    why = {day: one.reason for one in closed for day in one.each}
    items = [
        {
            "date": view.day.isoformat(),
            "state": view.state,
            "available": view.left,
            "reason": why.get(view.day) if view.state == "closed" else None,
        }
        for view in found
    ]
    return json({"items": items, "next_free": free.isoformat() if free else None})


@blp.get("/<string:code>/slots")
@blp.arguments(SlotsQuery, location="query")
@blp.response(200, SlotsSchema)
def list_slots(query: dict[str, Any], code: str) -> Response:
    """The slots of a day that can be booked now; the full ones too."""
    at = runtime()
    with at.db.reading() as session:
        queries.station(session, code)
        found = availability.slots(session, station=code, day=query["date"], now=at.clock(), town=town(query))
    return json({"items": [slot_body(view) for view in found]})


@blp.get("/<string:code>/releases")
@blp.response(200, ReleasesSchema)
def list_releases(code: str) -> Response:
    """The latest 50 times that seats came back, and whether they went to the wait-list or to everybody."""
    with runtime().db.reading() as session:
        queries.station(session, code)
        found = returns.log(session, station=code)
    return json({"items": [asdict(release) for release in found]})


def town(query: dict[str, Any]) -> str:
    """The 12-digit town whose share counts; "" without one."""
    return f"{query['town'][:9]:0<12}" if query["town"] else ""


def _check_range(first: date, last: date) -> None:
    if last < first or last - first > timedelta(days=LONGEST):
        words = N_("请给出从早到晚、最多 %(n)s 天的范围", n=LONGEST)
        raise Invalid("invalid_input", words, errors={"to": [words]})
