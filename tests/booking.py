"""Stations, couples and bookings that walked their lifecycle."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.accounts import partners
from backend.bookings import availability, changes, demo, generation, holds, returns
from backend.bookings.availability import SlotView
from backend.bookings.holds import Wish
from backend.db import Database
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.crypto import Vault
from backend.models.booking import Booking
from backend.models.resident import Resident, ResidentConsent
from backend.models.station import Slot, StationRules
from tests.clock import MovableClock
from tests.people import Cast, assemble

A, B = demo.CODES


def county(db: Database, vault: Vault, clock: MovableClock) -> Cast:
    """The district with the checkup alone and its open stations: quicker than with every service item."""
    cast = assemble(db, vault, clock, item="checkup")
    open_stations(cast)
    return cast


def open_stations(cast: Cast, **rules: Any) -> None:
    """The demo's stations with their slots; ``rules`` change those of the first."""

    def change(session: Any) -> None:
        row = session.get(StationRules, A)
        for name, value in rules.items():
            setattr(row, name, value)

    cast.run(demo.load, phone="0632-12345", now=cast.clock())
    cast.run(change)
    make_slots(cast)


def make_slots(cast: Cast, *codes: str) -> None:
    """Each station at a moment of its own: ids are made of the moment and a few random bits."""
    for place, code in enumerate(codes or demo.CODES):
        now = cast.clock() + timedelta(milliseconds=place)
        cast.run(generation.make, calendar=cast.calendar, station=code, now=now)


def slots(cast: Cast, *, station: str = A, day: date | None = None) -> list[SlotView]:
    """The bookable slots of a day, tomorrow if none is given."""
    wanted = day or today(cast.clock()) + timedelta(days=1)
    with cast.db.reading() as session:
        return availability.slots(session, station=station, day=wanted, now=cast.clock())


def slot(cast: Cast, slot_id: int) -> Slot:
    """The row as it stands."""
    with cast.db.reading() as session:
        return session.get_one(Slot, slot_id)


def couple(cast: Cast, one: str = "王㐂", other: str = "李䶮", serials: tuple[int, int] = (7, 8)) -> tuple[int, int]:
    """Two accounts that are linked."""
    mine, theirs = cast.resident(one, serials[0]), cast.resident(other, serials[1])
    made = cast.run(partners.invite, vault=cast.vault, resident_id=mine, now=cast.clock())
    with cast.db.reading() as session:
        code = partners.invitation(session, cast.vault, resident_id=mine, invitation_id=made).code
    cast.run(partners.accept, vault=cast.vault, resident_id=theirs, code=code, now=cast.clock())
    return mine, theirs


def crowd(cast: Cast, number: int) -> list[tuple[int, int]]:
    """So many linked couples with every consent, written at once; all go by one name."""

    def write(session: Session) -> list[tuple[int, int]]:
        first = session.get_one(Resident, like)
        common = {column.name: getattr(first, column.name) for column in Resident.__table__.columns}
        made = ids.new_ids(cast.clock(), 2 * number)
        pairs = list(zip(made[::2], made[1::2], strict=True))
        both = [both for one, other in pairs for both in ((one, other), (other, one))]
        own = [{"id": a, "partner_id": b, "id_index": f"{a:064d}", "mobile_index": f"{a:064d}"} for a, b in both]
        session.execute(insert(Resident), [common | row for row in own])
        given = session.scalars(select(ResidentConsent).where(ResidentConsent.resident_id == like)).all()
        names = ("purpose", "text_version", "act", "at")
        rows = [{name: getattr(one, name) for name in names} | {"resident_id": who} for one in given for who in made]
        session.execute(insert(ResidentConsent), rows)
        return pairs

    like = cast.resident("王㐂", 7)
    found: list[tuple[int, int]] = cast.run(write)
    return found


def guest(cast: Cast, serial: int) -> int:
    """Somebody else, one for each number from 20 on."""
    return cast.resident(f"客{chr(0x4E00 + serial)}", serial)


def hold(cast: Cast, who: int, slot_id: int | None = None, *, plan: str = "first", **wish: Any) -> int:
    """Hold a seat (``partner=True``: both), in tomorrow's first slot if none is given."""
    wanted = Wish(slots(cast)[0].id if slot_id is None else slot_id, plan, **wish)
    made: int = cast.run(holds.hold, vault=cast.vault, resident_id=who, wish=wanted, now=cast.clock())
    return made


def confirm(cast: Cast, who: int, booking: int) -> int:
    cast.run(
        changes.confirm,
        vault=cast.vault,
        purposes=cast.purposes,
        issuer="yangguang",
        resident_id=who,
        booking_id=booking,
        now=cast.clock(),
    )
    return booking


def booked(cast: Cast, who: int, slot_id: int | None = None, **wish: Any) -> int:
    """A confirmed booking; its id."""
    return confirm(cast, who, hold(cast, who, slot_id, **wish))


def cancel(cast: Cast, who: int, booking: int) -> None:
    cast.run(changes.cancel, resident_id=who, booking_id=booking, now=cast.clock())


def reschedule(cast: Cast, who: int, booking: int, slot_id: int) -> None:
    cast.run(
        changes.reschedule,
        vault=cast.vault,
        issuer="yangguang",
        resident_id=who,
        booking_id=booking,
        slot_id=slot_id,
        now=cast.clock(),
    )


def release(cast: Cast) -> None:
    """Seats whose rest is over go back to everybody."""
    with cast.db.reading() as session:
        due = returns.due(session, now=cast.clock())
    for row_id in due:
        cast.run(returns.release, return_id=row_id, now=cast.clock())


def load(cast: Cast, booking: int) -> Booking:
    """The row as it stands."""
    with cast.db.reading() as session:
        return session.get_one(Booking, booking)


def taken(cast: Cast) -> dict[int, int]:
    """Seats taken, by slot."""
    with cast.db.reading() as session:
        return dict(session.execute(select(Slot.id, Slot.taken)).all())
