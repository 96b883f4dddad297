"""The wait-list and its offers as the API shows them, and the calls that pages and API share."""

from __future__ import annotations

from typing import Any

from backend.bookings import offers, taking, waitlist, waitlist_queries
from backend.bookings.waitlist import Wait
from backend.bookings.waitlist_queries import LABELS, REASONS, OfferCard, WaitCard
from backend.kernel import ids
from backend.kernel.i18n import Text
from backend.web.bookings import station_body
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once
from backend.web.words import say


def join(wish: Wait) -> int:
    """Begin to wait; the entry's id."""
    at = runtime()
    return once(waitlist.join, vault=at.vault, resident_id=caller().id, wish=wish, now=at.clock())


def leave(entry_id: int) -> int:
    return once(waitlist.leave, resident_id=caller().id, entry_id=entry_id, now=runtime().clock())


def accept(offer_id: int) -> int:
    """Take what is offered; the booking's id."""
    at = runtime()
    return once(
        taking.accept,
        vault=at.vault,
        purposes=at.purposes,
        issuer=at.settings.issuer,
        resident_id=caller().id,
        offer_id=offer_id,
        now=at.clock(),
    )


def decline(offer_id: int) -> int:
    return once(offers.decline, resident_id=caller().id, offer_id=offer_id, now=runtime().clock())


def my_entries(*, limit: int = 20, before: int | None = None) -> list[WaitCard]:
    """Newest first; one more than ``limit`` when there are more."""
    with runtime().db.reading() as session:
        return waitlist_queries.mine(session, resident_id=caller().id, limit=limit, before=before)


def my_entry(entry_id: int) -> WaitCard:
    with runtime().db.reading() as session:
        return waitlist_queries.one(session, resident_id=caller().id, entry_id=entry_id)


def my_offer(offer_id: int) -> OfferCard:
    with runtime().db.reading() as session:
        return waitlist_queries.offer(session, resident_id=caller().id, offer_id=offer_id)


def reason(card: WaitCard) -> str:
    """Why nothing came of it, in words; "" while it goes on, and when it ended otherwise."""
    words = REASONS.get(card.reason)
    return say(Text(words.msgid, {"n": card.offers, "silent": card.silent})) if words else ""


def entry_body(card: WaitCard) -> dict[str, Any]:
    return {
        "id": ids.encode(card.id),
        "status": card.status,
        "status_label": say(LABELS[card.status]),
        "allowed_actions": card.actions(runtime().clock()),
        "position": card.position,
        "station": station_body(card.station),
        "from": card.first.isoformat(),
        "to": card.last.isoformat(),
        "seats": card.seats,
        "plan": card.plan,
        "partner": card.with_partner,
        "reason": reason(card) or None,
        "offer": offer_body(card.offer) if card.offer else None,
    }


def offer_body(card: OfferCard) -> dict[str, Any]:
    return {
        "id": ids.encode(card.id),
        "kind": card.kind,
        "status": card.status,
        "allowed_actions": card.actions(runtime().clock()),
        "station": station_body(card.station),
        "slot_id": ids.encode(card.slot_id),
        "starts_at": card.starts_at,
        "ends_at": card.ends_at,
        "expires_at": card.expires_at,
        "seats": card.seats,
        "booking_id": ids.encode(card.booking_id) if card.booking_id else None,
    }
