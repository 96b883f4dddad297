"""The day of a station is over: whoever did not come is free again, whoever was not written off is done.

A missed visit has no consequence: one bare number of the station grows, and the row goes after 30 days.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from backend.bookings import records
from backend.events import moves
from backend.lifecycles.booking import BOOKING, BookingStatus as S
from backend.models.booking import Booking, BookingSeat
from backend.models.station import Slot, Station

#: So long after its last slot a station has surely written down who was there.
AFTER = timedelta(hours=2)


def close_days(session: Session, *, now: datetime, limit: int) -> int:
    """Bookings of days that are over; how many. What was withdrawn by the station is moved or closed by offers."""
    due = session.scalars(
        select(Booking)
        .where(
            or_(and_(Booking.status == S.CONFIRMED, ~_withdrawn()), Booking.status == S.CHECKED_IN),
            Booking.ends_at <= now - AFTER,
            ~_goes_on(now),
        )
        .order_by(Booking.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in due:
        _miss(session, row, now) if row.status == S.CONFIRMED else _complete(session, row, now)
    return len(due)


def _withdrawn() -> ColumnElement[bool]:
    return exists().where(Slot.id == Booking.slot_id, Slot.withdrawn_at.is_not(None))


def _goes_on(now: datetime) -> ColumnElement[bool]:
    """A later slot of the same day at the same station has not been over for long enough."""
    later = aliased(Slot)
    return exists().where(
        later.station == Booking.station,
        later.day == Booking.day,
        later.withdrawn_at.is_(None),
        later.ends_at > now - AFTER,
    )


def _miss(session: Session, row: Booking, now: datetime) -> None:
    moves.pass_on(session, row, "miss", lifecycle=BOOKING, role="system", turn=row.sequence, now=now)
    records.let_go(session, row, now=now, give_back=False)
    # Past the version of the row: an administrator who edits the station is not sent back by a number.
    table = Station.__table__
    session.connection().execute(
        update(table)  # type: ignore[arg-type]
        .where(Station.code == row.station)
        .values(missed=Station.missed + 1)
    )


def _complete(session: Session, row: Booking, now: datetime) -> None:
    """They were here; which checks were done is not known. The plan is closed for those who came, that is all."""
    moves.pass_on(session, row, "complete", lifecycle=BOOKING, role="system", turn=row.sequence, now=now)
    free = update(BookingSeat).where(BookingSeat.booking_id == row.id)
    session.execute(free.values(active_key=None), execution_options={"synchronize_session": False})
