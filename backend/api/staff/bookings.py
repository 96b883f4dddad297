"""The day of a station: who comes, check-in, what was done, walk-ins. Nothing here tells of a past day."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.bookings import arrivals, completion, day, walkins
from backend.bookings.day import Visit
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_
from backend.lifecycles.booking import BOOKING
from backend.schemas.staff_bookings import (
    CheckInSchema,
    CompletionSchema,
    DayQuery,
    DaySheetSchema,
    DayVisitSchema,
    WalkInSchema,
)
from backend.web import arrivals as door
from backend.web.answers import json
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.nurses import nurse
from backend.web.once import once
from backend.web.words import say

blp = Blueprint("staff-bookings", __name__, url_prefix="/staff", description="The day of a station 预约当天")


@blp.get("/bookings")
@blp.arguments(DayQuery, location="query")
@blp.response(200, DaySheetSchema)
def sheet(query: dict[str, Any]) -> Response:
    """Who comes to a station today or on a coming day, by time; a past day has nothing to list."""
    at = runtime()
    now = at.clock()
    wanted = query.get("date", today(now))
    with at.db.reading() as session:
        visits = day.sheet(session, at.vault, nurse=nurse(), station=query["station"], day=wanted, now=now)
    return json({"items": [_body(visit) for visit in visits]})


@blp.post("/bookings")
@blp.arguments(WalkInSchema)
@blp.response(201, DayVisitSchema)
def walk_in(body: dict[str, Any]) -> Response:
    """Somebody at the door takes a free seat of today and is checked in; 409 ``slot_full`` with what is left."""
    at = runtime()
    return _shown(once(walkins.register, vault=at.vault, nurse=nurse(), now=at.clock(), **body), 201)


@blp.post("/check-ins")
@blp.arguments(CheckInSchema)
@blp.response(200, DayVisitSchema)
def check_in(body: dict[str, Any]) -> Response:
    """Check in by a scanned ``token`` or the eight letters; again is the same. Each wrong code is a 409 of its own."""
    return _shown(door.check_in(nurse=nurse(), **body))


@blp.post("/bookings/<id:booking_id>/check-in")
@blp.response(200, DayVisitSchema)
def check_in_listed(booking_id: int) -> Response:
    """Check in from today's list, without a code."""
    return _shown(once(arrivals.check_in_listed, nurse=nurse(), booking_id=booking_id, now=runtime().clock()))


@blp.delete("/bookings/<id:booking_id>/check-in")
@blp.response(204)
def undo(booking_id: int) -> None:
    """They are not here after all; a walk-in is gone and its seats are free."""
    once(arrivals.undo, nurse=nurse(), booking_id=booking_id, now=runtime().clock())


@blp.post("/bookings/<id:booking_id>/completion")
@blp.arguments(CompletionSchema)
@blp.response(200, DayVisitSchema)
def complete(body: dict[str, Any], booking_id: int) -> Response:
    """Which checks were done for whom; whoever is left out was not checked and keeps the plan free.

    Said again on the same day it puts right what was ticked by mistake.
    """
    at = runtime()
    named = {person["whose"]: person["items"] for person in body["people"]} if "people" in body else None
    if named is not None and len(named) != len(body["people"]):
        words = N_("只能写一次")
        raise Invalid("invalid_input", words, errors={"people": [words]})
    once(completion.complete, vault=at.vault, nurse=nurse(), booking_id=booking_id, people=named, now=at.clock())
    return _shown(booking_id)


def _shown(booking_id: int, status: int = 200) -> Response:
    at = runtime()
    with at.db.reading() as session:
        visit = day.one(session, at.vault, nurse=nurse(), booking_id=booking_id, now=at.clock())
    return json(_body(visit), status)


def _body(visit: Visit) -> dict[str, Any]:
    return {
        "id": ids.encode(visit.id),
        "code": visit.code,
        "station": visit.station,
        "starts_at": visit.starts_at,
        "ends_at": visit.ends_at,
        "seats": visit.seats,
        "people": [{"whose": person.whose, "name_masked": person.name} for person in visit.people],
        "status": visit.status,
        "status_label": say(BOOKING.label(visit.status)),
        "withdrawn": visit.withdrawn,
        "allowed_actions": visit.actions,
    }
