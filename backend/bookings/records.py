"""Loading bookings for the people they belong to, and ending what they hold."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.bookings import seats
from backend.kernel.crypto import Seal, Vault, place
from backend.kernel.errors import NotFound, Stale
from backend.kernel.i18n import N_
from backend.models.booking import Booking, BookingSeat
from backend.models.station import Slot


def theirs(resident_id: int) -> ColumnElement[bool]:
    """The bookings of a person, made by either of the couple."""
    return or_(Booking.resident_id == resident_id, Booking.partner_id == resident_id)


def mine(session: Session, *, resident_id: int, booking_id: int, lock: bool = False) -> Booking:
    """One's own booking or the one made with one's partner; ``NotFound`` for anybody else's."""
    query = select(Booking).where(Booking.id == booking_id, theirs(resident_id))
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise not_found()
    return row


def check_version(row: Booking, expected: int | None) -> None:
    """``Stale`` when the person looked at an older version."""
    if expected is not None and expected != row.version:
        raise Stale("stale", N_("这次预约在别处改过了，请刷新后再改"), extra={"version": row.version})


def not_found() -> NotFound:
    return NotFound("not_found", N_("没有找到这次预约"))


def seal_for(session: Session, vault: Vault, row: Booking) -> Seal | Vault:
    """What the names in a booking are sealed with: the booker's own key, or the vault for a walk-in."""
    return accounts.seal_of(session, vault, row.resident_id) if row.resident_id else vault


def companion(session: Session, vault: Vault, row: Booking) -> str:
    """The name of the spouse without an account, or of a walk-in; "" without one."""
    return name(seal_for(session, vault, row), row) if row.companion else ""


def name(seal: Seal | Vault, row: Booking) -> str:
    """The same where the seal is at hand."""
    return seal.open(row.companion, place("booking", "companion", row.id)).decode() if row.companion else ""


def place_of(session: Session, row: Booking) -> seats.Place:
    """Where the seats of a booking are."""
    return seats.place(session.get_one(Slot, row.slot_id), row.town)


def let_go(session: Session, row: Booking, *, now: datetime, at_once: bool = False, give_back: bool = True) -> None:
    """The people of a booking are free to book again, and its seats rest (``at_once``: they are due already)."""
    free = update(BookingSeat).where(BookingSeat.booking_id == row.id)
    session.execute(free.values(active_key=None, plan_key=None), execution_options={"synchronize_session": False})
    if give_back:
        seats.rest(session, place_of(session, row), row.seats, now=now, at_once=at_once)
