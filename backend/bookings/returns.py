"""Seats that were given back: who waits comes first, then everybody, at a moment nobody can foresee."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.bookings import matching, seats
from backend.kernel.quiet import NIGHT
from backend.models.station import Slot, SlotReturn

#: So many lines has the public log of a station.
LOGGED = 50
#: The wait-list comes by every ten seconds: what it has not taken after so long it cannot take.
PATIENCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Release:
    """One line of the public log: seats of a slot that came back, and where they went. Nobody is in it."""

    at: datetime
    starts_at: datetime
    seats: int
    to_waitlist: int
    to_everybody: int


def due(session: Session, *, now: datetime, limit: int = 500) -> list[int]:
    """Returns whose rest is over, by slot."""
    query = select(SlotReturn.id).where(SlotReturn.released_at.is_(None), SlotReturn.due_at <= now)
    return list(session.scalars(query.order_by(SlotReturn.slot_id).limit(limit)))


def release(session: Session, *, return_id: int, now: datetime) -> int:
    """The rest of one return is over: the seats go back to everybody, unless somebody waits for them. 1 or 0.

    What somebody waits for stays for the wait-list: by night until the morning, by day until its next round.
    """
    mine = (SlotReturn.id == return_id, SlotReturn.released_at.is_(None))
    row = session.scalars(select(SlotReturn).where(*mine).with_for_update(skip_locked=True)).one_or_none()
    slot = session.get(Slot, row.slot_id, populate_existing=True) if row else None
    if row is None or (slot is not None and _kept(session, row, slot, now)):
        return 0
    free = seats.release(session, row, now=now)
    bookable = slot is not None and slot.withdrawn_at is None and slot.closes_at > now
    if slot and free and bookable and slot.capacity - slot.taken < 2:
        matching.note_passed(session, slot=slot, seats_=free)
    return 1


def log(session: Session, *, station: str) -> list[Release]:
    """The latest releases of a station, newest first."""
    query = (
        select(SlotReturn.released_at, Slot.starts_at, SlotReturn.seats, SlotReturn.released)
        .join(Slot, Slot.id == SlotReturn.slot_id)
        .where(SlotReturn.station == station, SlotReturn.released_at.is_not(None), Slot.withdrawn_at.is_(None))
        .order_by(SlotReturn.released_at.desc(), SlotReturn.id.desc())
    )
    rows = session.execute(query.limit(LOGGED))
    return [Release(at, starts_at, seats_, seats_ - free, free) for at, starts_at, seats_, free in rows if at]


def _kept(session: Session, row: SlotReturn, slot: Slot, now: datetime) -> bool:
    """Whether the seats stay for the wait-list; by day its rounds are so near each other that patience is short."""
    by_night = NIGHT.holds(now)
    if not slot.resting or not (by_night or now - row.due_at <= PATIENCE):
        return False
    waited_for = matching.waits_for(session, slot=slot, now=now)
    if waited_for and by_night:
        row.due_at = NIGHT.after(now)
    return waited_for
