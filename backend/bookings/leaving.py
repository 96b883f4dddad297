"""A resident leaves: visits to come are called off for both, waiting ends, and nothing points to the person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.bookings import followups, offers, records, results, waitlist
from backend.bookings.holds import BOOKER, COMPANION, PARTNER
from backend.events import moves
from backend.kernel.crypto import Vault
from backend.lifecycles.booking import BOOKING, BookingStatus as S
from backend.models.booking import Booking, BookingSeat, SeatOffer, WaitlistEntry

#: How a booking ends that its people still hold; the partner is told of a visit that was called off.
ENDS = {S.HELD: "give_back", S.CONFIRMED: "cancel"}


def leave(session: Session, vault: Vault, *, resident_id: int, now: datetime) -> None:
    """End what goes on and take the person out of what is over; bookings of a couple stay with the other one.

    The partner of a visit to come is told. Results, follow-ups, waiting and its offers go.
    """
    for entry in _waiting(session, resident_id):
        offers.end_entry(session, entry, "left", now=now)
    for row in _bookings(session, resident_id):
        _end(session, row, now)
        _step_out(session, row, resident_id)
    results.erase_person(session, resident_id=resident_id, now=now)
    followups.stop_all(session, vault, resident_id=resident_id)
    session.flush()
    for table, theirs in ((WaitlistEntry, waitlist.theirs), (SeatOffer, offers.theirs)):
        session.execute(delete(table).where(theirs(resident_id)), execution_options={"synchronize_session": False})


def _waiting(session: Session, resident_id: int) -> list[WaitlistEntry]:
    query = select(WaitlistEntry).where(waitlist.theirs(resident_id), WaitlistEntry.ended_at.is_(None))
    return list(session.scalars(query.order_by(WaitlistEntry.id).with_for_update()))


def _bookings(session: Session, resident_id: int) -> list[Booking]:
    query = select(Booking).where(records.theirs(resident_id))
    return list(session.scalars(query.order_by(Booking.id).with_for_update()))


def _end(session: Session, row: Booking, now: datetime) -> None:
    """Give the seats back; of a visit that has begun there is nothing to give back."""
    name = ENDS.get(S(row.status))
    if name is None:
        return
    moves.pass_on(session, row, name, lifecycle=BOOKING, role="person", turn=row.sequence, now=now)
    row.ended_as, row.sequence, row.held_until = "person", row.sequence + 1, None
    offers.withdraw_moves(session, booking_id=row.id, slots=(row.slot_id,), now=now)
    records.let_go(session, row, now=now, give_back=row.starts_at > now)


def _step_out(session: Session, row: Booking, resident_id: int) -> None:
    """The other one of a couple becomes the one who booked; what the leaving person's key sealed is emptied.

    Without another one nobody is left, and the row goes like a walk-in's (``leftovers``).
    """
    other = row.partner_id if row.resident_id == resident_id else row.resident_id
    if row.resident_id == resident_id:
        row.companion = None
        _set(session, BookingSeat.booking_id == row.id, items=None)
    row.resident_id, row.partner_id = other, None
    mine = (BookingSeat.booking_id == row.id, BookingSeat.resident_id == resident_id)
    _set(session, *mine, whose=COMPANION, resident_id=None, active_key=None, plan_key=None, items=None)
    _set(session, BookingSeat.booking_id == row.id, BookingSeat.whose == PARTNER, whose=BOOKER)


def _set(session: Session, *which: Any, **values: Any) -> None:
    statement = update(BookingSeat).where(*which).values(**values)
    session.execute(statement, execution_options={"synchronize_session": False})
