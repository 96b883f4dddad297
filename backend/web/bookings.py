"""Bookings as the API shows them, and the calls that pages and API share."""

from __future__ import annotations

from typing import Any

from backend.bookings import changes, queries
from backend.bookings.availability import SlotView
from backend.bookings.queries import BookingCard, StationCard
from backend.kernel import ids
from backend.lifecycles.booking import BOOKING
from backend.web.answers import expected_version
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once
from backend.web.words import language, say


def station_body(card: StationCard) -> dict[str, Any]:
    return {
        "code": card.code,
        "name": card.called(language()),
        "region": card.region,
        "address": card.address,
        "phone": card.phone,
        "directions": card.directions,
        "fasting_hours": card.fasting_hours,
        "residence_months": card.residence_months,
    }


def slot_body(view: SlotView) -> dict[str, Any]:
    return {
        "id": ids.encode(view.id),
        "starts_at": view.starts_at,
        "ends_at": view.ends_at,
        "available": view.left,
    }


def my_bookings(*, limit: int, before: int | None = None) -> list[BookingCard]:
    """Newest first; one more than ``limit`` when there are more."""
    at = runtime()
    with at.db.reading() as session:
        return queries.mine(session, at.vault, resident_id=caller().id, limit=limit, before=before)


def my_booking(booking_id: int) -> BookingCard:
    """The caller's booking; ``NotFound`` for anybody else's."""
    at = runtime()
    with at.db.reading() as session:
        return queries.one(session, at.vault, resident_id=caller().id, booking_id=booking_id)


def confirm(booking_id: int) -> int:
    """The caller makes the hold a booking."""
    at = runtime()
    return once(
        changes.confirm,
        vault=at.vault,
        purposes=at.purposes,
        issuer=at.settings.issuer,
        resident_id=caller().id,
        booking_id=booking_id,
        expected_version=expected_version(),
        now=at.clock(),
    )


def reschedule(booking_id: int, slot_id: int) -> int:
    """The caller takes another time for the same people."""
    at = runtime()
    return once(
        changes.reschedule,
        vault=at.vault,
        issuer=at.settings.issuer,
        resident_id=caller().id,
        booking_id=booking_id,
        slot_id=slot_id,
        expected_version=expected_version(),
        now=at.clock(),
    )


def cancel(booking_id: int) -> int:
    """The caller gives the seats of both back."""
    given, now = expected_version(), runtime().clock()
    return once(changes.cancel, resident_id=caller().id, booking_id=booking_id, expected_version=given, now=now)


def booking_body(card: BookingCard) -> dict[str, Any]:
    """One booking for its couple."""
    outside = ids.encode(card.id)
    base = f"{runtime().settings.base_url}/api/v1/bookings/{outside}"
    return {
        "id": outside,
        "status": card.status,
        "status_label": say(BOOKING.label(card.status)),
        "allowed_actions": card.actions(runtime().clock()),
        "version": card.version,
        "held_until": card.held_until if card.status == "held" else None,
        "station": station_body(card.station),
        "slot_id": ids.encode(card.slot_id),
        "starts_at": card.starts_at,
        "ends_at": card.ends_at,
        "plan": card.plan,
        "seats": card.seats,
        "partner": card.with_partner,
        "code": card.code,
        "token": card.token,
        "qr_svg_url": f"{base}/qr.svg" if card.token else None,
        "ics_url": f"{base}.ics",
        "withdrawn": card.withdrawn,
        "offer_id": ids.encode(card.offer_id) if card.offer_id else None,
    }
