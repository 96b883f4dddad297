"""Seats that were given back: who waits comes first, then everybody, at a moment nobody can foresee."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.bookings import seats
from backend.models.station import SlotReturn


def release_due(session: Session, *, now: datetime, limit: int) -> int:
    """Seats whose rest is over go back to everybody; how many returns."""
    due = session.scalars(
        select(SlotReturn)
        .where(SlotReturn.released_at.is_(None), SlotReturn.due_at <= now)
        .order_by(SlotReturn.slot_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in due:
        seats.release(session, row, now=now)
    return len(due)
