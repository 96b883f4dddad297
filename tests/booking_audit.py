"""What must be true of seats at any moment, read from the database alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.kernel.clock import today
from backend.models.booking import Booking, BookingSeat, SeatOffer
from backend.models.station import Slot, StationDay, TownDay

ACTIVE = ("held", "confirmed", "checked_in")
#: What takes seats, for ever or until the row goes.
SEATED = (*ACTIVE, "completed", "missed")
_OPEN = SeatOffer.ended_at.is_(None)


def seats_add_up(session: Session, *, now: datetime) -> None:
    """Taken seats are booked, offered or resting; the counters of days and towns say the same."""
    booked = _sums(session, select(Booking.slot_id, func.sum(Booking.seats)).where(Booking.status.in_(SEATED)))
    offered = _sums(session, select(SeatOffer.slot_id, func.sum(SeatOffer.seats)).where(_OPEN))
    for slot in session.scalars(select(Slot).where(Slot.starts_at > now)):
        assert slot.taken == booked.get(slot.id, 0) + offered.get(slot.id, 0) + slot.resting
        assert 0 <= slot.resting <= slot.taken
    _days(session, now)
    _towns(session, now)


def nobody_twice(session: Session) -> None:
    """Each active booking has as many seats as people in it, and nobody has two."""
    rows = {row.id: row for row in session.scalars(select(Booking))}
    written = _sums(session, select(BookingSeat.booking_id, func.count()))
    assert written == {row.id: row.seats for row in rows.values()}
    claimed = set(session.scalars(select(BookingSeat.booking_id).where(BookingSeat.active_key.is_not(None))))
    assert claimed == {row.id for row in rows.values() if row.status in ACTIVE}
    people = [p for row in rows.values() if row.status in ACTIVE for p in (row.resident_id, row.partner_id) if p]
    assert len(people) == len(set(people))


def not_oversold(session: Session) -> None:
    """No slot has more than it may have; only for rules that were not lowered."""
    assert not session.scalars(select(Slot.id).where(Slot.taken > Slot.capacity)).all()
    assert not session.scalars(select(StationDay.day).where(StationDay.taken > StationDay.cap)).all()
    assert not session.scalars(select(TownDay.day).where(TownDay.taken > TownDay.cap)).all()


def _days(session: Session, now: datetime) -> None:
    counted = select(Slot.station, Slot.day, func.sum(Slot.taken)).where(Slot.capped).group_by(Slot.station, Slot.day)
    taken = {(station, day): int(seats) for station, day, seats in session.execute(counted)}
    for row in session.scalars(select(StationDay).where(StationDay.day > today(now))):
        assert row.taken == taken.get((row.station, row.day), 0)


def _towns(session: Session, now: datetime) -> None:
    for row in session.scalars(select(TownDay).where(TownDay.day > today(now))):
        inside = (Slot.station == row.station, Slot.day == row.day, Slot.shared)
        booked = select(func.coalesce(func.sum(Booking.seats), 0)).join(Slot, Slot.id == Booking.slot_id)
        booked = booked.where(*inside, Booking.town == row.town, Booking.status.in_(SEATED))
        offered = select(func.coalesce(func.sum(SeatOffer.seats), 0)).join(Slot, Slot.id == SeatOffer.slot_id)
        offered = offered.where(*inside, SeatOffer.town == row.town, _OPEN)
        assert row.taken == int(session.scalar(booked) or 0) + int(session.scalar(offered) or 0)


def _sums(session: Session, query: Any) -> Mapping[int, int]:
    return {row_id: int(number) for row_id, number in session.execute(query.group_by(query.selected_columns[0]))}
