"""Bookings whose slot the station withdrew: another time is offered, never taken from anybody in silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from backend.bookings import availability, offers, policy, records, seats
from backend.bookings.availability import SlotView
from backend.events import moves, outbox
from backend.kernel.quiet import NIGHT
from backend.lifecycles.booking import BOOKING, BookingStatus as S
from backend.models.booking import Booking, SeatOffer
from backend.models.station import Slot, Station

CHOOSE = "booking_move_choose"


@dataclass(frozen=True, slots=True)
class _Case:
    """A booking to be moved, with its withdrawn slot and the slots that were offered since."""

    row: Booking
    slot: Slot
    offered: Sequence[int]

    @property
    def is_told(self) -> bool:
        """Whether the couple knows that it has to look for a time itself."""
        since = self.row.choosing_since
        return since is not None and self.slot.withdrawn_at is not None and since >= self.slot.withdrawn_at


def due(session: Session, *, now: datetime, limit: int = 200) -> list[int]:
    """Confirmed bookings on withdrawn slots that nothing is offered for, the nearest first."""
    offered = exists().where(SeatOffer.open_key == Booking.id)
    query = (
        select(Booking.id)
        .join(Slot, Slot.id == Booking.slot_id)
        .where(Slot.withdrawn_at.is_not(None), Slot.starts_at > now, Booking.status == S.CONFIRMED, ~offered)
        .order_by(Slot.starts_at, Booking.id)
    )
    if NIGHT.holds(now):
        query = query.where(Slot.starts_at <= NIGHT.after(now) + policy.EARLY)
    return list(session.scalars(query.limit(limit)))


def offer(session: Session, *, booking_id: int, now: datetime) -> int:
    """Keep the nearest free time for a booking, or say that the couple has to choose; 1 when somebody is told."""
    case = _case(session, booking_id, now)
    if case is None or not policy.may_tell(now, case.row.starts_at):
        return 0
    if len(case.offered) < policy.MOVES and _keep(session, case, now):
        return 1
    if case.is_told:
        return 0
    case.row.choosing_since = now
    key = f"{CHOOSE}:{booking_id}:{case.row.sequence}:{int(now.timestamp())}"
    outbox.add(session, topic=CHOOSE, subject_id=booking_id, dedupe_key=key, now=now)
    return 1


def unmoved(session: Session, *, now: datetime, limit: int = 200) -> list[int]:
    """Confirmed bookings whose hour came while their slot was withdrawn."""
    query = (
        select(Booking.id)
        .join(Slot, Slot.id == Booking.slot_id)
        .where(Slot.withdrawn_at.is_not(None), Slot.starts_at <= now, Booking.status == S.CONFIRMED)
    )
    return list(session.scalars(query.order_by(Slot.starts_at, Booking.id).limit(limit)))


def close(session: Session, *, booking_id: int, now: datetime) -> int:
    """The hour came and nobody took another time: it ends, the plan stays free, and the couple is told. 1 or 0."""
    row = _locked(session, booking_id)
    slot = session.get(Slot, row.slot_id) if row else None
    if row is None or slot is None or slot.withdrawn_at is None or slot.starts_at > now:
        return 0
    moves.pass_on(session, row, "close", lifecycle=BOOKING, role="system", turn=row.sequence, now=now)
    row.ended_as, row.sequence = "station", row.sequence + 1
    offers.withdraw_moves(session, booking_id=row.id, slots=(row.slot_id,), now=now)
    records.let_go(session, row, now=now, at_once=True)
    return 1


def _case(session: Session, booking_id: int, now: datetime) -> _Case | None:
    row = _locked(session, booking_id)
    slot = session.get(Slot, row.slot_id, populate_existing=True) if row else None
    if row is None or slot is None or slot.withdrawn_at is None or slot.starts_at <= now:
        return None
    query = select(SeatOffer).where(SeatOffer.booking_id == booking_id, SeatOffer.kind == offers.MOVE)
    made = session.scalars(query.where(SeatOffer.made_at >= slot.withdrawn_at)).all()
    return None if any(one.ended_at is None for one in made) else _Case(row, slot, [one.slot_id for one in made])


def _locked(session: Session, booking_id: int) -> Booking | None:
    query = select(Booking).where(Booking.id == booking_id, Booking.status == S.CONFIRMED)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()


def _keep(session: Session, case: _Case, now: datetime) -> bool:
    """Take the nearest time with room for all of them: at the same station, else at one of the same county."""
    for code in _stations(session, case.row.station):
        for view in _nearest(session, case, code, now):
            until = _until(session, case, view, now)
            if until is not None and _taken(session, case, view, now):
                where = _place(session, case, view)
                offers.make(session, parent=case.row, where=where, starts_at=view.starts_at, expires_at=until, now=now)
                return True
    return False


def _nearest(session: Session, case: _Case, station: str, now: datetime) -> list[SlotView]:
    near = availability.nearest(
        session,
        station=station,
        seats=case.row.seats,
        around=case.row.starts_at,
        now=now,
        town=case.row.town,
        limit=policy.MOVES + 2,
    )
    return [view for view in near if view.id not in case.offered]


def _until(session: Session, case: _Case, view: SlotView, now: datetime) -> datetime | None:
    closes_at = session.get_one(Slot, view.id).closes_at
    return policy.move_until(now, visit=case.row.starts_at, closes_at=closes_at)


def _taken(session: Session, case: _Case, view: SlotView, now: datetime) -> bool:
    return seats.take_kept(session, _place(session, case, view), case.row.seats, now=now)


def _place(session: Session, case: _Case, view: SlotView) -> seats.Place:
    return seats.place(session.get_one(Slot, view.id), case.row.town)


def _stations(session: Session, station: str) -> list[str]:
    """The station itself, then the others of its county, those of the same town first."""
    own = session.get_one(Station, station)
    rest = session.scalars(
        select(Station).where(Station.county == own.county, Station.active, Station.code != station)
    ).all()
    near = sorted(rest, key=lambda other: (other.region[:9] != own.region[:9], other.code))
    return [station, *(other.code for other in near)]
