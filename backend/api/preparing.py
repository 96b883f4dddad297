"""Before the visit: what each of a couple prepares, and the visit as a calendar file."""

from __future__ import annotations

from flask import Response

from backend.schemas.preparing import PreparationSchema
from backend.web import preparing
from backend.web.answers import json
from backend.web.blueprint import Blueprint
from backend.web.files import download

blp = Blueprint("preparing", __name__, url_prefix="/bookings", description="Preparing for a visit")


@blp.get("/<id:booking_id>/preparation")
@blp.response(200, PreparationSchema)
def prepare(booking_id: int) -> Response:
    """The checklist of each person: before, to bring, what is done there. General words, nothing is stored."""
    return json(preparing.preparation(booking_id))


@blp.get("/<id:booking_id>.ics")
@blp.response(200, {"type": "string"}, content_type="text/calendar")
def calendar(booking_id: int) -> Response:
    """The visit for a calendar (RFC 5545): one UID for ever, SEQUENCE grows, STATUS:CANCELLED once it is called off."""
    return download(preparing.calendar(booking_id), mime=preparing.CALENDAR, name="booking.ics")
