"""Taking an offer: a seat of the wait-list becomes a confirmed booking, a withdrawn booking gets its new time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.accounts.consents import Purposes
from backend.bookings import changes, holds, offers, records, seats
from backend.bookings.holds import Wish
from backend.bookings.residence import Residence
from backend.kernel import ids
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Conflict
from backend.kernel.i18n import N_
from backend.lifecycles.booking import BOOKING
from backend.models.booking import Booking, SeatOffer, WaitlistEntry


def accept(
    session: Session,
    vault: Vault,
    *,
    purposes: Purposes,
    issuer: str,
    resident_id: int,
    offer_id: int,
    now: datetime,
) -> int:
    """Take what is offered, either for both; the booking's id. Twice is once.

    Errors: 404; 409 ``offer_expired``, ``already_booked``, ``plan_used``, ``no_partner``, ``slot_closed``,
    ``partner_consent_missing``; 422 ``consent_required``: the offer stands on.
    """
    offer, parent = offers.locked(session, resident_id=resident_id, offer_id=offer_id)
    if offer.ended_as == "accepted" and offer.booking_id is not None:
        return offer.booking_id
    offers.check_open(offer, now)
    if isinstance(parent, Booking):
        return _move(session, vault, offer, parent, issuer=issuer, now=now)
    made = _book(session, vault, offer, parent, now)
    offer.booking_id = made
    offers.accepted(session, offer, now=now)
    offers.end_entry(session, parent, "taken", now=now)
    return changes.confirm(
        session, vault, purposes=purposes, issuer=issuer, resident_id=resident_id, booking_id=made, now=now
    )


def _book(session: Session, vault: Vault, offer: SeatOffer, entry: WaitlistEntry, now: datetime) -> int:
    """The booking, held for the length of this transaction: its seats were taken when they were offered."""
    wish = Wish(
        slot_id=offer.slot_id,
        plan=entry.plan,
        partner=entry.partner_id is not None,
        companion=_companion(session, vault, entry),
        residence=Residence(entry.residence, entry.town) if entry.residence else None,
    )
    made, booker = ids.new_id(now), entry.resident_id
    written = holds.write(session, vault, resident_id=booker, wish=wish, booking_id=made, kept=True, now=now)
    if written is None:
        raise holds.slot_not_found()
    if entry.partner_id not in (None, written.partner_id):
        raise Conflict("no_partner", N_("你们已经解除了关联，不能再一起约；可以各自重新约或候补"))
    holds.claim_seats(session, written, wish, made, booker, now)
    return made


def _move(session: Session, vault: Vault, offer: SeatOffer, row: Booking, *, issuer: str, now: datetime) -> int:
    BOOKING.check("reschedule", row.status, "person")
    slot = holds.facts_of_slot(session, offer.slot_id)
    if slot.withdrawn_at is not None:
        raise holds.slot_closed()
    old = records.place_of(session, row)
    offers.accepted(session, offer, now=now)
    changes.put(session, vault, row, slot, issuer=issuer, now=now)
    session.flush()
    seats.rest(session, old, row.seats, now=now)
    return row.id


def _companion(session: Session, vault: Vault, entry: WaitlistEntry) -> str:
    if entry.companion is None:
        return ""
    seal = accounts.seal_of(session, vault, entry.resident_id)
    return seal.open_text(entry.companion, place("waitlist_entry", "companion", entry.id))
