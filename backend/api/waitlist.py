"""The wait-list 候补: wait, leave, and answer what is offered."""

from __future__ import annotations

from typing import Any

from flask import Response

from backend.bookings.residence import Residence
from backend.bookings.waitlist import Wait
from backend.kernel import cursors
from backend.schemas.base import PageQuery
from backend.schemas.bookings import BookingSchema
from backend.schemas.waitlist import SeatOfferSchema, WaitingListSchema, WaitingSchema, WaitSchema
from backend.web import waitlist as shared
from backend.web.answers import json, page_of
from backend.web.blueprint import Blueprint
from backend.web.bookings import booking_body, my_booking
from backend.web.context import runtime

blp = Blueprint("waitlist", __name__, url_prefix="/waitlist", description="The wait-list 候补")
offers = Blueprint("waitlist_offers", __name__, url_prefix="/waitlist-offers", description="Offers of seats")


@blp.post("")
@blp.arguments(WaitSchema)
@blp.response(201, WaitingSchema)
def join(body: dict[str, Any]) -> Response:
    """Wait for a seat, or for both seats of a couple, on any day of a range; one place in a line a couple."""
    declared = body.pop("residence", None)
    made = shared.join(Wait(**body, residence=Residence(**declared) if declared else None))
    return _entry(made, 201)


@blp.get("")
@blp.arguments(PageQuery, location="query")
@blp.response(200, WaitingListSchema)
def list_entries(query: dict[str, Any]) -> Response:
    """Where I wait, and where I waited within the last 30 days; newest first."""
    limit, after = query["limit"], cursors.read(query["cursor"])
    cards = shared.my_entries(limit=limit, before=after[1] if after else None)
    cursor = cursors.make(runtime().clock(), cards[limit - 1].id) if len(cards) > limit else None
    return json(page_of([shared.entry_body(card) for card in cards[:limit]], cursor))


@blp.get("/<id:entry_id>")
@blp.response(200, WaitingSchema)
def read(entry_id: int) -> Response:
    """One place in a line."""
    return _entry(entry_id)


@blp.post("/<id:entry_id>/leaving")
@blp.response(200, WaitingSchema)
def leave(entry_id: int) -> Response:
    """Wait no longer; an offered seat goes to the next."""
    return _entry(shared.leave(entry_id))


@blp.delete("/<id:entry_id>")
@blp.response(200, WaitingSchema)
def remove(entry_id: int) -> Response:
    """The same as leaving."""
    return _entry(shared.leave(entry_id))


@offers.get("/<id:offer_id>")
@offers.response(200, SeatOfferSchema)
def read_offer(offer_id: int) -> Response:
    """What is kept, and until when."""
    return _offer(offer_id)


@offers.post("/<id:offer_id>/acceptance")
@offers.response(200, BookingSchema)
def accept(offer_id: int) -> Response:
    """Take it: confirmed at once, or moved there; 409 ``offer_expired`` when it went to the next."""
    card = my_booking(shared.accept(offer_id))
    return json(booking_body(card), version=card.version)


@offers.post("/<id:offer_id>/decline")
@offers.response(200, SeatOfferSchema)
def decline(offer_id: int) -> Response:
    """Not this one: it goes to the next, and one waits on."""
    return _offer(shared.decline(offer_id))


def _entry(entry_id: int, status: int = 200) -> Response:
    return json(shared.entry_body(shared.my_entry(entry_id)), status)


def _offer(offer_id: int) -> Response:
    return json(shared.offer_body(shared.my_offer(offer_id)))
