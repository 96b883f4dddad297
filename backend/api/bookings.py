"""The bookings of a resident: hold, confirm, reschedule, cancel."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.bookings import holds, queries
from backend.bookings.holds import Wish
from backend.bookings.residence import Residence
from backend.certificates import qr
from backend.kernel import cursors
from backend.schemas.base import PageQuery
from backend.schemas.bookings import BookingListSchema, BookingSchema, HoldSchema, RescheduleSchema
from backend.web import bookings as calls
from backend.web.answers import json, page_of
from backend.web.blueprint import Blueprint
from backend.web.bookings import booking_body, my_booking
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once

blp = Blueprint("bookings", __name__, url_prefix="/bookings", description="Bookings 预约 of the free checkup")


@blp.post("")
@blp.arguments(HoldSchema)
@blp.response(201, BookingSchema)
def hold(body: dict[str, Any]) -> Response:
    """Keep a seat, or both seats of a couple, for ten minutes; 409 ``slot_full`` comes with alternatives."""
    at = runtime()
    declared = body.pop("residence", None)
    wish = Wish(**body, residence=Residence(**declared) if declared else None)
    made = once(holds.hold, vault=at.vault, resident_id=caller().id, wish=wish, now=at.clock())
    return _shown(made, 201)


@blp.get("")
@blp.arguments(PageQuery, location="query")
@blp.response(200, BookingListSchema)
def list_bookings(query: dict[str, Any]) -> Response:
    """My bookings and those my partner made for both of us, newest first."""
    limit, after = query["limit"], cursors.read(query["cursor"])
    cards = calls.my_bookings(limit=limit, before=after[1] if after else None)
    more = len(cards) > limit
    last = cards[limit - 1] if more else None
    cursor = cursors.make(last.updated_at, last.id) if last else None
    return json(page_of([booking_body(card) for card in cards[:limit]], cursor))


@blp.get("/<id:booking_id>")
@blp.response(200, BookingSchema)
def read(booking_id: int) -> Response:
    """One booking; a confirmed one with its check-in code."""
    return _shown(booking_id)


@blp.get("/<id:booking_id>/qr.svg")
@blp.response(200, {"type": "string"}, content_type="image/svg+xml")
def show_code(booking_id: int) -> Response:
    """The check-in code as a QR picture; 404 while there is none."""
    card = my_booking(booking_id)
    if not card.token:
        raise queries.no_code()
    picture = Response(qr.svg(card.token), mimetype="image/svg+xml")
    picture.headers["Cache-Control"] = "no-store"
    return picture


@blp.post("/<id:booking_id>/confirmation")
@blp.response(200, BookingSchema)
def confirm(booking_id: int) -> Response:
    """Make the hold a booking; 409 ``hold_expired`` after ten minutes."""
    return _shown(calls.confirm(booking_id))


@blp.post("/<id:booking_id>/reschedule")
@blp.arguments(RescheduleSchema)
@blp.response(200, BookingSchema)
def reschedule(body: dict[str, Any], booking_id: int) -> Response:
    """Take another time for the same people, until four hours before."""
    return _shown(calls.reschedule(booking_id, body["slot_id"]))


@blp.post("/<id:booking_id>/cancellation")
@blp.response(200, BookingSchema)
def cancel(booking_id: int) -> Response:
    """Give the seats back, for both, until the hour itself; nothing follows from it."""
    return _shown(calls.cancel(booking_id))


def _shown(booking_id: int, status: int = 200) -> Response:
    card = my_booking(booking_id)
    return json(booking_body(card), status, version=card.version)
