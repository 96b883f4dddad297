"""The day of a station in tests: a nurse, visits of today, and the hours moved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from backend.bookings import arrivals, completion, day, missed, walkins
from backend.bookings.codes import Scanned
from backend.bookings.day import Visit
from backend.bookings.jurisdiction import Nurse
from backend.kernel.clock import SHANGHAI, today
from backend.models.booking import BookingSeat
from tests import booking
from tests.booking import A
from tests.people import Cast, hire


def nurse(cast: Cast, level: str = "county", region: str | None = None) -> Nurse:
    card = hire(cast, level, region=region, role="nurse")
    return Nurse(card.id, card.level, card.region)


def to_the_day(cast: Cast, hour: int = 8, days: int = 1) -> None:
    """The morning of the day that ``booking.slots`` gives; ``days`` from now."""
    there = cast.clock().astimezone(SHANGHAI) + timedelta(days=days)
    cast.clock.set(datetime(there.year, there.month, there.day, hour, tzinfo=SHANGHAI))


def sheet(cast: Cast, who: Nurse, *, station: str = A, days: int = 0) -> list[Visit]:
    wanted = today(cast.clock()) + timedelta(days=days)
    with cast.db.reading() as session:
        return day.sheet(session, cast.vault, nurse=who, station=station, day=wanted, now=cast.clock())


def check_in(cast: Cast, who: Nurse, code: str, *, sequence: int | None = None, station: str = "") -> int:
    scanned = Scanned(code, sequence)
    return int(cast.run(arrivals.check_in, nurse=who, code=scanned, station=station, now=cast.clock()))


def here(cast: Cast, who: Nurse, made: int) -> int:
    """The people of a booking are checked in."""
    return check_in(cast, who, booking.load(cast, made).code)


def complete(cast: Cast, who: Nurse, made: int, people: dict[str, list[str]] | None = None) -> int:
    return int(
        cast.run(completion.complete, vault=cast.vault, nurse=who, booking_id=made, people=people, now=cast.clock())
    )


def walk_in(cast: Cast, who: Nurse, seats: int = 1, **wish: Any) -> int:
    wish.setdefault("station", A)
    return int(cast.run(walkins.register, vault=cast.vault, nurse=who, seats=seats, now=cast.clock(), **wish))


def close(cast: Cast) -> int:
    return int(cast.run(missed.close_days, now=cast.clock(), limit=100))


def seats(cast: Cast, made: int) -> dict[str, BookingSeat]:
    """whose → the row as it stands."""
    with cast.db.reading() as session:
        rows = session.scalars(select(BookingSeat).where(BookingSeat.booking_id == made).order_by(BookingSeat.id))
        return {row.whose: row for row in rows}


def done(cast: Cast, made: int) -> dict[str, list[str]]:
    """whose → the checks that were written down."""
    rows, row = seats(cast, made), booking.load(cast, made)
    with cast.db.reading() as session:
        return {whose: completion.done(session, cast.vault, row, seat) for whose, seat in rows.items()}
