"""What a person's own copy of the data holds of bookings and waiting."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.bookings import completion, records, waitlist
from backend.kernel import ids
from backend.kernel.crypto import Unreadable, Vault, place
from backend.models.booking import Booking, BookingSeat, WaitlistEntry
from backend.models.station import Station

#: Columns that are told as they stand.
_BOOKED = ("code", "seats", "plan", "status", "residence", "town", "starts_at", "ends_at", "created_at", "updated_at")
_WAITED = ("seats", "plan", "residence", "town", "first_day", "last_day", "created_at", "ended_at", "ended_as")


def bookings(session: Session, vault: Vault, resident_id: int) -> list[dict[str, Any]]:
    """Every booking of a person, made by either of the couple, oldest first."""
    query = select(Booking, Station.name).join(Station, Station.code == Booking.station)
    found = session.execute(query.where(records.theirs(resident_id)).order_by(Booking.id))
    return [_booking(session, vault, resident_id, row, station) for row, station in found]


def waiting(session: Session, vault: Vault, resident_id: int) -> list[dict[str, Any]]:
    """Every wait-list entry of a person that is still kept, oldest first."""
    query = select(WaitlistEntry, Station.name).join(Station, Station.code == WaitlistEntry.station)
    found = session.execute(query.where(waitlist.theirs(resident_id)).order_by(WaitlistEntry.id))
    return [
        {
            "station": station,
            "companion": _companion(session, vault, row, resident_id),
            **{name: getattr(row, name) for name in _WAITED},
        }
        for row, station in found
    ]


def _companion(session: Session, vault: Vault, row: WaitlistEntry, resident_id: int) -> str:
    if row.companion is None or row.resident_id != resident_id:
        return ""
    seal = accounts.seal_of(session, vault, resident_id)
    return seal.open_text(row.companion, place("waitlist_entry", "companion", row.id))


def _booking(session: Session, vault: Vault, resident_id: int, row: Booking, station: str) -> dict[str, Any]:
    mine = row.resident_id == resident_id
    seat = session.scalars(
        select(BookingSeat).where(BookingSeat.booking_id == row.id, BookingSeat.resident_id == resident_id)
    ).one_or_none()
    return {
        "id": ids.encode(row.id),
        "station": station,
        "booked_by_me": mine,
        "with_partner": row.partner_id is not None,
        "companion": records.companion(session, vault, row) if mine else "",
        "checks_done": _done(session, vault, row, seat) if seat else [],
        **{name: getattr(row, name) for name in _BOOKED},
    }


def _done(session: Session, vault: Vault, row: Booking, seat: BookingSeat) -> list[str]:
    try:
        return completion.done(session, vault, row, seat)
    except Unreadable:  # sealed by the key of a partner who has left meanwhile
        return []
