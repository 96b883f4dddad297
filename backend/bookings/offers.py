"""Exclusive offers of seats: from the wait-list, or in place of a slot that was withdrawn."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.bookings import seats
from backend.models.booking import Booking, SeatOffer, WaitlistEntry
from backend.models.station import Slot

WAIT, MOVE = "wait", "move"


def end_waiting(session: Session, *, booking: Booking, now: datetime) -> None:
    """Whoever has booked waits no longer: their entries end, and offers made to them go to the next."""
    people = [person for person in (booking.resident_id, booking.partner_id) if person]
    entries = session.scalars(select(WaitlistEntry).where(WaitlistEntry.active_key.in_(people))).all()
    for entry in entries:
        entry.active_key, entry.ended_at, entry.ended_as = None, now, "booked"
        for offer in _open(session, SeatOffer.entry_id == entry.id):
            end(session, offer, "withdrawn", now=now)


def withdraw_moves(session: Session, *, booking_id: int, now: datetime) -> None:
    """The booking needs its offer of another slot no more."""
    for offer in _open(session, SeatOffer.booking_id == booking_id):
        end(session, offer, "withdrawn", now=now)


def end(session: Session, offer: SeatOffer, how: str, *, now: datetime) -> None:
    """An offer is over (declined, expired, withdrawn): its seats go on to the next."""
    offer.open_key, offer.ended_at, offer.ended_as = None, now, how
    slot = session.get_one(Slot, offer.slot_id)
    seats.rest(session, seats.place(slot, offer.town), offer.seats, now=now, at_once=True)


def _open(session: Session, which: ColumnElement[bool]) -> list[SeatOffer]:
    query = select(SeatOffer).where(SeatOffer.ended_at.is_(None), which)
    return list(session.scalars(query.order_by(SeatOffer.slot_id).with_for_update()))
