"""Who of the wait-list gets which seat: in the order of the line, one offer a waiter, both seats or none.

Whoever let an offer run out stands behind those who did not, and a slot once offered is not offered again to the same
entry: somebody who does not look must not keep a seat from people who do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, update
from sqlalchemy.orm import Session

from backend.bookings import offers, policy, seats
from backend.bookings.availability import bookable
from backend.kernel.quiet import NIGHT
from backend.models.booking import SeatOffer, WaitlistEntry
from backend.models.station import Slot, StationDay, StationRules, TownDay

#: More people of one station are not looked at in one turn.
LINE = 1000


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of an entry decides whose turn it is."""

    id: int
    first_day: date
    last_day: date
    seats: int
    town: str


@dataclass(frozen=True, slots=True)
class Room:
    """A slot with seats for the wait-list. ``free``: never taken (below 0 after a capacity was lowered); ``resting``:
    given back; ``until``: how long an offer of it would stand, ``None``: too late for one."""

    slot_id: int
    day: date
    starts_at: datetime
    capped: bool
    shared: bool
    free: int
    resting: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Turn:
    """The line of a station and what there is for it; it judges exactly as ``seats.take_kept`` does."""

    station: str
    line: Sequence[Waiting]
    rooms: Sequence[Room]
    #: Seats left of days with a cap, and of the shares of towns.
    days: dict[date, int]
    towns: dict[tuple[date, str], int]
    #: (entry, slot) that were offered before.
    offered: set[tuple[int, int]]

    def first(self) -> tuple[Waiting, Room] | None:
        """The first of the line who fits somewhere, and the earliest slot."""
        pairs = ((entry, room) for entry in self.line for room in self.rooms if self.fits(entry, room))
        return next(pairs, None)

    def fits(self, entry: Waiting, room: Room) -> bool:
        fresh = max(entry.seats - room.resting, 0)
        return (
            self.wants(entry, room)
            and room.free >= fresh
            and (not room.capped or self.days.get(room.day, fresh) >= fresh)
            and (not room.shared or self.towns.get((room.day, entry.town), entry.seats) >= entry.seats)
        )

    def wants(self, entry: Waiting, room: Room) -> bool:
        inside = entry.first_day <= room.day <= entry.last_day
        return inside and room.until is not None and (entry.id, room.slot_id) not in self.offered

    def passed(self, winner: Waiting, room: Room) -> list[int]:
        """The couples before the winner to whom one seat was of no use."""
        before = self.line[: self.line.index(winner)]
        return [entry.id for entry in before if entry.seats > winner.seats and self.wants(entry, room)]


def stations(session: Session) -> list[str]:
    """Where somebody waits."""
    query = select(WaitlistEntry.station).where(WaitlistEntry.ended_at.is_(None)).distinct()
    return list(session.scalars(query.order_by(WaitlistEntry.station)))


def match(session: Session, *, station: str, now: datetime) -> int:
    """Make the next offer of a station; 1, or 0 when nobody fits. By night nothing is offered.

    One at a time: a transaction locks one slot and then its counters, as everybody does.
    """
    if NIGHT.holds(now) or not _rooms(session, station, now, now):
        return 0
    # One turn of a station at a time, and none while its slots are made.
    if session.scalar(select(StationRules.station).where(StationRules.station == station).with_for_update()) is None:
        return 0
    turn = _turn(session, station, now, now)
    found = turn.first()
    return _make(session, turn, *found, now) if found else 0


def waits_for(session: Session, *, slot: Slot, now: datetime) -> bool:
    """Whether somebody of the line would get seats of this slot now, or when the night is over."""
    turn = _turn(session, slot.station, now, NIGHT.after(now), Slot.id == slot.id)
    return turn.first() is not None


def note_passed(session: Session, *, slot: Slot, seats_: int) -> None:
    """A single seat went back to everybody: the couples who wait for its day could not use it."""
    line = session.execute(_line(slot.station))
    _count_passed(
        session, [row.id for row in line if row.seats > 1 and row.first_day <= slot.day <= row.last_day], seats_
    )


def _make(session: Session, turn: Turn, waiting: Waiting, room: Room, now: datetime) -> int:
    entry = _locked(session, waiting.id)
    where = seats.Place(room.slot_id, turn.station, room.day, room.capped, waiting.town if room.shared else "")
    if entry is None or room.until is None or not seats.take_kept(session, where, entry.seats, now=now):
        return 0  # somebody was faster; the next round looks again
    offers.make(session, parent=entry, where=where, starts_at=room.starts_at, expires_at=room.until, now=now)
    entry.offers += 1
    session.flush()
    _count_passed(session, turn.passed(waiting, room), entry.seats)
    return 1


def _locked(session: Session, entry_id: int) -> WaitlistEntry | None:
    """The entry, if its people still wait."""
    query = select(WaitlistEntry).where(WaitlistEntry.id == entry_id, WaitlistEntry.ended_at.is_(None))
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()


def _count_passed(session: Session, entries: list[int], seats_: int) -> None:
    if entries:
        more = update(WaitlistEntry).where(WaitlistEntry.id.in_(entries)).values(passed=WaitlistEntry.passed + seats_)
        session.execute(more, execution_options={"synchronize_session": False})


def _turn(session: Session, station: str, now: datetime, at: datetime, *which: ColumnElement[bool]) -> Turn:
    """The line and the rooms as they are; ``at``: when the offer would be made."""
    line = [Waiting(*row) for row in session.execute(_line(station).limit(LINE))]
    rooms = _rooms(session, station, now, at, *which)
    days = {room.day for room in rooms}
    left = (_days(session, station, days), _towns(session, station, days)) if days else ({}, {})
    return Turn(station, line, rooms, *left, _offered(session, station))


def _line(station: str) -> Select[int, date, date, int, str]:
    """Everybody at a station who waits and has no open offer, in order."""
    busy = exists().where(SeatOffer.open_key == WaitlistEntry.id)
    names = ("id", "first_day", "last_day", "seats", "town")
    waiting = select(*(getattr(WaitlistEntry, name) for name in names))
    still = (WaitlistEntry.station == station, WaitlistEntry.ended_at.is_(None), ~busy)
    return waiting.where(*still).order_by(WaitlistEntry.silent, WaitlistEntry.id)


def _rooms(session: Session, station: str, now: datetime, at: datetime, *which: ColumnElement[bool]) -> list[Room]:
    """Slots with a seat on the days that people wait for, the earliest first."""
    waiting = (WaitlistEntry.station == station, WaitlistEntry.ended_at.is_(None))
    first = select(func.min(WaitlistEntry.first_day)).where(*waiting).scalar_subquery()
    last = select(func.max(WaitlistEntry.last_day)).where(*waiting).scalar_subquery()
    free = Slot.capacity - Slot.taken
    wanted = (Slot.station == station, Slot.day >= first, Slot.day <= last, free + Slot.resting > 0, *bookable(now))
    columns = (Slot.id, Slot.day, Slot.starts_at, Slot.capped, Slot.shared, free, Slot.resting, Slot.closes_at)
    rows = session.execute(select(*columns).where(*wanted, *which).order_by(Slot.starts_at))
    return [_room(at, row) for row in rows]


def _room(at: datetime, row: Any) -> Room:
    names = ("slot_id", "day", "starts_at", "capped", "shared", "free", "resting")
    return Room(**dict(zip(names, row, strict=False)), until=policy.offer_until(at, row.closes_at))


def _days(session: Session, station: str, days: set[date]) -> dict[date, int]:
    query = select(StationDay.day, StationDay.cap - StationDay.taken)
    found = session.execute(query.where(StationDay.station == station, StationDay.day.in_(days)))
    return {row[0]: row[1] for row in found}


def _towns(session: Session, station: str, days: set[date]) -> dict[tuple[date, str], int]:
    query = select(TownDay.day, TownDay.town, TownDay.cap - TownDay.taken)
    found = session.execute(query.where(TownDay.station == station, TownDay.day.in_(days)))
    return {(day, town): left for day, town, left in found}


def _offered(session: Session, station: str) -> set[tuple[int, int]]:
    """What was offered to those who still wait here."""
    waiting = (WaitlistEntry.station == station, WaitlistEntry.ended_at.is_(None))
    query = select(SeatOffer.entry_id, SeatOffer.slot_id).join(WaitlistEntry, WaitlistEntry.id == SeatOffer.entry_id)
    return {(entry_id or 0, slot_id) for entry_id, slot_id in session.execute(query.where(*waiting))}
