"""What is left of visits that never were, and of walk-ins: it goes thirty days after its day."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.orm import Session

from backend.bookings import policy
from backend.kernel.clock import SHANGHAI, today
from backend.lifecycles.booking import BookingStatus as S
from backend.models.booking import Booking, BookingSeat, SeatOffer
from backend.notifications import service as notifications

#: The topic and the template of the word to whoever did not come.
MISSED = "booking_missed"

#: A hold that ran out is looked at no longer than a day (``policy.GIVEN_UP_WINDOW``).
EXPIRED_KEPT = timedelta(days=2)


def erase(session: Session, *, now: datetime, limit: int) -> int:
    """Missed and cancelled bookings and walk-ins of more than thirty days ago, holds that ran out; how many."""
    found: list[int] = []
    for kind in _due(now):
        found += session.scalars(select(Booking.id).where(kind, Booking.id.not_in(found)).limit(limit - len(found)))
    if found:
        _forget_missed(session, found)
        session.execute(delete(SeatOffer).where(SeatOffer.booking_id.in_(found)))
        session.execute(delete(BookingSeat).where(BookingSeat.booking_id.in_(found)))
        session.execute(delete(Booking).where(Booking.id.in_(found)))
    return len(found)


def _forget_missed(session: Session, found: list[int]) -> None:
    """The kind word goes with the visit it was about: no row tells any longer who did not come."""
    missed = select(Booking.id, Booking.sequence, Booking.resident_id, Booking.partner_id)
    rows = session.execute(missed.where(Booking.id.in_(found), Booking.status == S.MISSED))
    told = [(who, f"{MISSED}:{row.id}:{row.sequence}") for row in rows for who in row[2:] if who]
    notifications.forget(session, template=MISSED, told=told)


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Three questions that an index answers each; together they would read every booking there is."""
    day_over = datetime.combine(today(now) - policy.KEPT, time(), SHANGHAI)
    return (
        and_(Booking.status.in_((S.MISSED, S.CANCELLED)), Booking.ends_at <= day_over),
        and_(Booking.resident_id.is_(None), Booking.ends_at <= day_over),
        and_(Booking.status == S.CANCELLED, Booking.ended_as == "expired", Booking.updated_at <= now - EXPIRED_KEPT),
    )
