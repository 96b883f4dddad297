"""The day sheet of a station: who comes today or on a coming day, never who came or did not come on a past one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from backend.bookings import jurisdiction, records
from backend.bookings.jurisdiction import Nurse
from backend.kernel.clock import today
from backend.kernel.crypto import Unreadable, Vault, place
from backend.kernel.i18n import N_, Text
from backend.kernel.privacy import mask_name
from backend.lifecycles.booking import BookingStatus as S
from backend.models.booking import Booking, BookingSeat
from backend.models.resident import Resident
from backend.models.station import Slot, Station

#: What a nurse ever sees. A booking nobody came to is not among them, on its own day neither (PRODUCT §2.2).
LISTED = (S.CONFIRMED, S.CHECKED_IN, S.COMPLETED)
ORDER = ("booker", "partner", "walk_in", "companion")


@dataclass(frozen=True, slots=True)
class Person:
    """One of the people of a visit; ``name`` is masked: 王*, or …尾号1234 where no name is known."""

    whose: str
    name: Text | str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Visit:
    """One booking as the nurse sees it."""

    id: int
    code: str
    station: str
    station_name: str
    day: date
    starts_at: datetime
    ends_at: datetime
    seats: int
    people: tuple[Person, ...]
    status: str
    walk_in: bool
    #: The station withdrew this time: they are offered another one.
    withdrawn: bool
    #: Whether it is today's, so that something can be done about it.
    is_today: bool

    @property
    def actions(self) -> list[str]:
        """What the nurse may do now."""
        if not self.is_today:
            return []
        if self.status == S.CHECKED_IN:
            return ["complete", "call_off" if self.walk_in else "undo_check_in"]
        return ["check_in"] if self.status == S.CONFIRMED else ["correct"]


@dataclass(frozen=True, slots=True)
class Numbers:
    """People of a day: still to come, here now, done."""

    coming: int
    here: int
    done: int


def sheet(session: Session, vault: Vault, *, nurse: Nurse, station: str, day: date, now: datetime) -> list[Visit]:
    """The visits of a day by time; nothing at all for a past day. ``NotFound`` for a station of another place."""
    where = jurisdiction.station(session, nurse, station)
    if day < today(now):
        return []
    listed = (Booking.station == where.code, Booking.day == day, Booking.status.in_(LISTED))
    rows = session.execute(_visits().where(*listed).order_by(Booking.starts_at, Booking.id)).all()
    return _shown(session, vault, rows, now)


def one(session: Session, vault: Vault, *, nurse: Nurse, booking_id: int, now: datetime) -> Visit:
    """One visit of today or a coming day; ``NotFound`` for all others."""
    rows = session.execute(_visits().where(Booking.id == booking_id, *_open(now))).all()
    if not rows or not nurse.works_at(rows[0].Station):
        raise records.not_found()
    return _shown(session, vault, rows, now)[0]


def find(session: Session, *, nurse: Nurse, code: str, now: datetime) -> int:
    """The visit of a code that was read out, today's or a coming one; ``NotFound`` for all others."""
    rows = session.execute(_visits().where(Booking.code == code, *_open(now))).all()
    if not rows or not nurse.works_at(rows[0].Station):
        raise records.not_found()
    return int(rows[0].Booking.id)


def to_change(session: Session, *, nurse: Nurse, booking_id: int, now: datetime) -> Booking:
    """A visit of today, locked; ``NotFound`` for all others."""
    query = select(Booking).where(Booking.id == booking_id, Booking.day == today(now), Booking.status.in_(LISTED))
    row = session.scalars(query.with_for_update()).one_or_none()
    if row is None or not nurse.works_at(session.get_one(Station, row.station)):
        raise records.not_found()
    return row


def last_day(session: Session, *, station: str, now: datetime) -> date:
    """The last day with times at a station; today when there is none."""
    return session.scalar(select(func.max(Slot.day)).where(Slot.station == station, Slot.day > today(now))) or today(
        now
    )


def numbers(visits: Sequence[Visit]) -> Numbers:
    """People of a day, not bookings."""

    def people(status: str) -> int:
        return sum(visit.seats for visit in visits if visit.status == status)

    return Numbers(people(S.CONFIRMED), people(S.CHECKED_IN), people(S.COMPLETED))


def _open(now: datetime) -> tuple[Any, ...]:
    return Booking.day >= today(now), Booking.status.in_(LISTED)


def _visits() -> Select[Booking, Station, datetime | None]:
    return (
        select(Booking, Station, Slot.withdrawn_at)
        .join(Station, Station.code == Booking.station)
        .join(Slot, Slot.id == Booking.slot_id, isouter=True)
    )


def _shown(session: Session, vault: Vault, rows: Sequence[Any], now: datetime) -> list[Visit]:
    people = _people(session, vault, [row.Booking for row in rows])
    return [
        Visit(
            id=row.id,
            code=row.code,
            station=row.station,
            station_name=where.name,
            day=row.day,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            seats=row.seats,
            people=tuple(sorted(people[row.id], key=lambda person: ORDER.index(person.whose))),
            status=row.status,
            walk_in=row.resident_id is None,
            withdrawn=withdrawn_at is not None,
            is_today=row.day == today(now),
        )
        for row, where, withdrawn_at in rows
    ]


def _people(session: Session, vault: Vault, rows: Sequence[Booking]) -> dict[int, list[Person]]:
    """The people of several visits in one statement; only the names of companions are opened one by one."""
    known = {row.id: row for row in rows}
    found: dict[int, list[Person]] = {row.id: [] for row in rows}
    seats = session.execute(
        select(BookingSeat.booking_id, BookingSeat.whose, Resident)
        .join(Resident, Resident.id == BookingSeat.resident_id, isouter=True)
        .where(BookingSeat.booking_id.in_(known))
        .order_by(BookingSeat.id)
    )
    for booking_id, whose, resident in seats:
        name = _account(vault, resident) if resident else _unlinked(session, vault, known[booking_id], whose)
        found[booking_id].append(Person(whose, name))
    return found


def _account(vault: Vault, resident: Resident) -> Text | str:
    if resident.name_masked:
        return resident.name_masked
    if not resident.mobile:
        return N_("未留姓名")
    seal = vault.person(resident.key, resident.id)
    mobile = seal.open_text(resident.mobile, place("resident", "mobile", resident.id))
    return N_("…尾号%(last)s", last=mobile[-4:])


def _unlinked(session: Session, vault: Vault, row: Booking, whose: str) -> Text | str:
    """A spouse without an account, or a walk-in; the one beside a walk-in has no name."""
    if whose == "companion" and row.resident_id is None:
        return N_("同来的人")
    try:
        return mask_name(records.companion(session, vault, row)) or N_("未留姓名")
    except Unreadable:  # the account that booked was erased
        return N_("未留姓名")
