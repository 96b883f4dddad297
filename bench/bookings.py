"""What the benches of bookings share: stations, couples by the hundred, and the three statements nobody can do without.

The floor of a hold is what ``holds.hold`` cannot do without: one conditional UPDATE of the slot, one INSERT of the
booking, one of its seats, COMMIT; a full slot ends with the UPDATE and a ROLLBACK. No question is asked before.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pymysql
from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session

from backend.bookings import demo, holds
from backend.bookings.holds import Wish
from backend.kernel import ids
from backend.models.booking import Booking, BookingSeat
from backend.models.station import Slot, Station, StationRules
from bench.statements import Statement, connect, rehearse
from config.settings import Settings
from tests.people import COUNTY, TOWN, Cast

RULES: dict[str, Any] = demo.RULES | {"hours": [[weekday, "08:00", "10:30"] for weekday in range(1, 8)]}


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody wants a seat, or both of a couple. ``turn``: milliseconds; ids are made of the moment."""

    resident: int
    slot: int
    partner: bool
    turn: int = 0

    @property
    def seats(self) -> int:
        return 2 if self.partner else 1


@dataclass(frozen=True, slots=True)
class Script:
    """The statements of one hold, as the driver gets them."""

    take: Statement
    booking: Statement
    seats: Statement


def stations(session: Session, cast: Cast, number: int, **rules: Any) -> None:
    """So many stations with rules, without slots."""
    now = cast.clock()
    for place in range(number):
        code = f"bench-{place:03d}"
        common = {"region": TOWN, "county": COUNTY, "phone": "0632-12345", "residence_months": 0, "updated_at": now}
        session.add(Station(code=code, name=code, **common))
        session.add(StationRules(station=code, **RULES | rules, updated_at=now))


def slots(session: Session, cast: Cast, number: int, capacity: int) -> list[int]:
    """So many slots of one station tomorrow, a minute after each other."""
    now = cast.clock()
    begins, made = now + timedelta(days=1), ids.new_ids(now, number)
    common = {"station": "bench-000", "day": begins.date(), "capacity": capacity, "taken": 0, "resting": 0}
    common |= {"opens_at": now - timedelta(days=1), "closes_at": begins, "capped": False, "shared": False}
    rows = [
        common | {"id": row_id, "starts_at": at, "ends_at": at + timedelta(minutes=30)}
        for row_id, at in zip(made, (begins + timedelta(minutes=n) for n in range(number)), strict=True)
    ]
    session.execute(insert(Slot), rows)
    return made


def hold(session: Session, cast: Cast, attempt: Attempt) -> int:
    """The command as the edge calls it."""
    wish = Wish(attempt.slot, "first", partner=attempt.partner)
    now = cast.clock() + timedelta(milliseconds=attempt.turn)
    return holds.hold(session, vault=cast.vault, resident_id=attempt.resident, wish=wish, now=now)


def scripts(cast: Cast, attempts: Sequence[Attempt]) -> list[Script]:
    """Each attempt rehearsed on empty slots; its questions are left out."""
    return [_script(rehearse(cast.db, partial(hold, cast=cast, attempt=attempt))) for attempt in attempts]


def _script(found: Sequence[Statement]) -> Script:
    def of(begin: str) -> Statement:
        return next(statement for statement in found if statement.sql.lstrip().startswith(begin))

    return Script(of("UPDATE slot"), of("INSERT INTO booking ("), of("INSERT INTO booking_seat"))


def run_bare(connection: pymysql.connections.Connection, script: Script) -> bool:
    """One hold by the bare driver; whether there was room."""
    with connection.cursor() as cursor:
        if not cursor.execute(script.take.sql, script.take.values):
            connection.rollback()
            return False
        cursor.execute(script.booking.sql, script.booking.values)
        run = cursor.executemany if script.seats.many else cursor.execute
        run(script.seats.sql, script.seats.values)
        connection.commit()
        return True


def clear(settings: Settings, *, slots_too: bool = False) -> None:
    """As before the first hold, or before the first slot. Deleted rows would leave their locks to the next round."""
    last = "TRUNCATE slot" if slots_too else "UPDATE slot SET taken = 0"
    with closing(connect(settings.database_url)) as connection, connection.cursor() as cursor:
        for statement in ("TRUNCATE booking_seat", "TRUNCATE booking", last):
            cursor.execute(statement)
        connection.commit()


def check(session: Session, refused: Sequence[Attempt]) -> None:
    """No slot has one seat too many, no couple one seat only, and nobody was refused while there was room."""
    held = _seats(session, select(Booking.slot_id, func.sum(Booking.seats)).group_by(Booking.slot_id))
    left = {}
    for slot in session.scalars(select(Slot)):
        left[slot.id] = slot.capacity - slot.taken
        if slot.taken != held.get(slot.id, 0) or left[slot.id] < 0:
            raise SystemExit(f"oversold: {slot.taken} of {slot.capacity} taken, {held.get(slot.id, 0)} held")
    written = _seats(session, select(BookingSeat.booking_id, func.count()).group_by(BookingSeat.booking_id))
    if written != _seats(session, select(Booking.id, Booking.seats)):
        raise SystemExit("a couple has one seat")
    if any(left[attempt.slot] >= attempt.seats for attempt in refused):
        raise SystemExit("somebody was refused while there was room")


def _seats(session: Session, query: Select[*tuple[Any, ...]]) -> dict[int, int]:
    return {row_id: int(seats) for row_id, seats in session.execute(query)}
