"""Another time while one is still held: the held seats go back and the new ones are taken, or nothing changes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.bookings import changes, holds, records
from backend.bookings.holds import Wish
from backend.kernel.crypto import Vault
from backend.lifecycles.booking import BOOKING


def hold_instead(
    session: Session, vault: Vault, *, resident_id: int, booking_id: int, wish: Wish, now: datetime
) -> int:
    """Give the held booking back and hold another slot; the new booking's id.

    Errors: 409 ``not_allowed_now`` when it is no longer only held, and those of ``holds.hold``; then all is as it was.
    """
    row = records.mine(session, resident_id=resident_id, booking_id=booking_id, lock=True)
    BOOKING.check("give_back", row.status, "person")
    changes.cancel(session, resident_id=resident_id, booking_id=booking_id, now=now)
    session.flush()
    return holds.hold(session, vault, resident_id=resident_id, wish=wish, now=now)
