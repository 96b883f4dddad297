"""Taking seats and giving them back: conditional UPDATEs, whose row counts say whether there was room.

Order of locks, everywhere: slots by id, then the counters of days, then those of towns.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, bindparam, select, update
from sqlalchemy.orm import Session

from backend.bookings import policy
from backend.bookings.availability import bookable
from backend.events.prepared import Prepared
from backend.kernel import ids
from backend.kernel.errors import Collision
from backend.models.base import UtcDateTime
from backend.models.station import Slot, SlotReturn, StationDay, TownDay


@dataclass(frozen=True, slots=True)
class Place:
    """Where seats are: a slot and the counters that go with it. ``town`` "": no share counts."""

    slot_id: int
    station: str
    day: date
    capped: bool
    town: str = ""


_N: BindParameter[int] = bindparam("n")
_ID: BindParameter[int] = bindparam("slot")
_TAKE = Prepared(
    update(Slot.__table__)  # type: ignore[arg-type]
    .where(Slot.id == _ID, Slot.taken + _N <= Slot.capacity, *bookable(bindparam("now", type_=UtcDateTime())))
    .values(taken=Slot.taken + _N)
)


def lock(session: Session, slot_ids: Collection[int]) -> None:
    """Lock the slots that a transaction is going to change one after the other."""
    session.execute(select(Slot.id).where(Slot.id.in_(slot_ids)).order_by(Slot.id).with_for_update()).all()


def place(slot: Slot, town: str) -> Place:
    """The place of a slot for somebody of a town."""
    return Place(slot.id, slot.station, slot.day, slot.capped, town if slot.shared else "")


def take(session: Session, where: Place, seats: int, *, now: datetime) -> bool:
    """Take seats that everybody may book; ``False``: no room, and the caller must let its transaction go."""
    if not _TAKE.run(session, {"n": seats, "slot": where.slot_id, "now": now}).rowcount:
        return False
    return _count(session, where, seats)


def take_kept(session: Session, where: Place, seats: int, *, now: datetime) -> bool:
    """Take seats for the wait-list: resting ones first, then free ones. ``False`` leaves everything as it was."""
    slot = _locked(session, where.slot_id)
    if slot is None or slot.withdrawn_at is not None or not slot.opens_at <= now < slot.closes_at:
        return False
    resting = min(slot.resting, seats)
    fresh = seats - resting
    if slot.taken + fresh > slot.capacity or not _room(session, where, fresh, seats):
        return False
    slot.resting -= resting
    slot.taken += fresh
    session.flush()
    if not _count(session, where, fresh, town_seats=seats):
        raise Collision  # another slot of the day was faster: the command looks again
    return True


def take_present(session: Session, where: Place, seats: int, *, now: datetime) -> bool:
    """Take free seats for people who stand at the door, until the slot ends, though it can be booked no more.

    The capacity and the cap of the day hold for them too. ``False`` leaves everything as it was.
    """
    slot = _locked(session, where.slot_id)
    if slot is None or slot.withdrawn_at is not None or not slot.opens_at <= now < slot.ends_at:
        return False
    if slot.taken + seats > slot.capacity or not _room(session, where, seats, seats):
        return False
    slot.taken += seats
    session.flush()
    if not _count(session, where, seats):
        raise Collision  # another slot of the day was faster: the command looks again
    return True


def rest(session: Session, where: Place, seats: int, *, now: datetime, at_once: bool = False) -> None:
    """Give seats back: they rest first, unless ``at_once``; the wait-list may have them meanwhile."""
    update_slot = update(Slot.__table__).where(Slot.id == where.slot_id)  # type: ignore[arg-type]
    session.connection().execute(update_slot.values(resting=Slot.resting + seats))
    low, high = policy.REST_SECONDS
    rest_for = timedelta(seconds=0 if at_once else low + secrets.randbelow(high - low + 1))
    session.add(
        SlotReturn(id=ids.new_id(now), station=where.station, slot_id=where.slot_id, seats=seats, due_at=now + rest_for)
    )
    _change_town(session, where, -seats)


def release(session: Session, row: SlotReturn, *, now: datetime) -> int:
    """The rest of returned seats is over: what the wait-list did not take goes back to everybody. How many."""
    slot = _locked(session, row.slot_id)
    free = min(slot.resting, row.seats) if slot else 0
    if slot and free:
        slot.resting -= free
        slot.taken -= free
        session.flush()
        _change_day(session, place(slot, ""), -free)
    row.released_at, row.released = now, free
    return free


def _locked(session: Session, slot_id: int) -> Slot | None:
    query = select(Slot).where(Slot.id == slot_id).with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def _count(session: Session, where: Place, seats: int, *, town_seats: int | None = None) -> bool:
    in_town = seats if town_seats is None else town_seats
    return _change_day(session, where, seats) and _change_town(session, where, in_town)


def _change_day(session: Session, where: Place, seats: int) -> bool:
    if not where.capped or not seats:
        return True
    return _counted(session, StationDay, (StationDay.station == where.station, StationDay.day == where.day), seats)


def _change_town(session: Session, where: Place, seats: int) -> bool:
    """A town without a share of its own has no limit."""
    if not where.town or not seats:
        return True
    mine = (TownDay.station == where.station, TownDay.day == where.day, TownDay.town == where.town)
    return _counted(session, TownDay, mine, seats) or session.scalar(select(TownDay.cap).where(*mine)) is None


def _counted(session: Session, counter: type[StationDay | TownDay], which: Any, seats: int) -> bool:
    room = (counter.taken + seats <= counter.cap,) if seats > 0 else ()
    table: Any = counter.__table__
    changed = session.connection().execute(update(table).where(*which, *room).values(taken=counter.taken + seats))
    return bool(changed.rowcount)


def _room(session: Session, where: Place, fresh: int, seats: int) -> bool:
    """Whether the counters have room now; other slots of the day may still be faster."""
    day = (StationDay.station == where.station, StationDay.day == where.day)
    day_left = session.scalar(select(StationDay.cap - StationDay.taken).where(*day)) if where.capped else None
    town = (TownDay.station == where.station, TownDay.day == where.day, TownDay.town == where.town)
    town_left = session.scalar(select(TownDay.cap - TownDay.taken).where(*town)) if where.town else None
    return (day_left is None or day_left >= fresh) and (town_left is None or town_left >= seats)
