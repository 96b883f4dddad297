"""Writing a held booking straight from the rows it depends on, in one statement, without asking first.

Where a rule refuses, it matches nothing; ``holds`` then reads the same facts and says why. Seats are wanted by many at
once, and asking costs as much as writing. Seats that were offered are taken already: no rule is asked for them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    String,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.orm import Session

from backend.bookings import policy, residence
from backend.bookings.availability import bookable
from backend.bookings.residence import Residence
from backend.bookings.seats import Place
from backend.events.prepared import Prepared
from backend.kernel import ids
from backend.lifecycles.booking import BookingStatus as S
from backend.models.base import UtcDateTime
from backend.models.booking import Booking
from backend.models.resident import Resident
from backend.models.station import Slot, Station


@dataclass(frozen=True, slots=True)
class Written:
    """Where the seats are, and who the couple are; ``partner_id``: the linked account, whether it comes or not."""

    place: Place
    partner_id: int | None
    person_index: str | None = field(repr=False)
    partner_index: str | None = field(repr=False)


_NOW, _N = bindparam("now", type_=UtcDateTime()), bindparam("n", type_=Integer)
_SLOT = bindparam("slot", type_=BigInteger)
_PERSON, _COUPLE = bindparam("resident", type_=BigInteger), bindparam("couple", type_=Boolean)
_TOWN = bindparam("town", type_=String)
_SPOUSE = select(Resident.partner_id).where(Resident.id == _PERSON).scalar_subquery()

#: What somebody began and gave up within a day; what the station ended was not given up.
GIVEN_UP = (
    select(func.count())
    .where(
        Booking.resident_id == _PERSON,
        Booking.status == literal_column(f"'{S.CANCELLED}'"),
        Booking.ended_as != literal_column("'station'"),
        Booking.created_at > bindparam("since", type_=UtcDateTime()),
    )
    .scalar_subquery()
)
_ALLOWED = and_(
    Slot.taken + _N <= Slot.capacity,
    *bookable(_NOW),
    residence.fits(),
    or_(~_COUPLE, _SPOUSE.is_not(None)),
    GIVEN_UP < policy.GIVEN_UP,
)
_BOOKING: dict[str, Any] = {
    "id": bindparam("id", type_=BigInteger),
    "version": literal_column("1"),
    "code": bindparam("code"),
    "station": Slot.station,
    "slot_id": Slot.id,
    "day": Slot.day,
    "starts_at": Slot.starts_at,
    "ends_at": Slot.ends_at,
    "resident_id": _PERSON,
    "partner_id": case((_COUPLE, _SPOUSE), else_=null()),
    "seats": _N,
    "companion": bindparam("companion"),
    "plan": bindparam("plan"),
    "status": literal_column(f"'{S.HELD}'"),
    "held_until": bindparam("until", type_=UtcDateTime()),
    "sequence": literal_column("0"),
    "token": literal_column("''"),
    "residence": bindparam("kind"),
    "town": case((Slot.shared, _TOWN), else_=literal_column("''")),
    "ended_as": literal_column("''"),
    "created_at": _NOW,
    "updated_at": _NOW,
}


def _write(*rules: ColumnElement[bool]) -> Any:
    columns = select(*_BOOKING.values()).join(Station, and_(Station.code == Slot.station, Station.active))
    return (
        insert(Booking)
        .from_select(list(_BOOKING), columns.where(Slot.id == _SLOT, *rules), include_defaults=False)
        .returning(
            Booking.station,
            Booking.day,
            select(Slot.capped).where(Slot.id == _SLOT).scalar_subquery(),
            Booking.town,
            _SPOUSE,
            select(Resident.id_index).where(Resident.id == _PERSON).scalar_subquery(),
            select(Resident.id_index).where(Resident.partner_id == _PERSON).scalar_subquery(),
        )
    )


_FREE, _KEPT = Prepared(_write(_ALLOWED)), Prepared(_write())


def booking(
    session: Session,
    *,
    booking_id: int,
    resident_id: int,
    slot_id: int,
    seats: int,
    couple: bool,
    companion: str | None,
    plan: str,
    declared: Residence | None,
    kept: bool = False,
    now: datetime,
) -> Written | None:
    """Write the held booking; ``None`` when a rule refuses it or there is no room. ``companion`` is sealed.

    ``kept``: the seats are taken already, and ``None`` only when the slot or its station is no longer there.
    """
    values = {
        "id": booking_id,
        "code": ids.typed_code(8),
        "resident": resident_id,
        "slot": slot_id,
        "n": seats,
        "couple": couple,
        "companion": companion,
        "plan": plan,
        "kind": declared.kind if declared else "",
        "until": now + policy.HOLD,
        "since": now - policy.GIVEN_UP_WINDOW,
        "now": now,
        **residence.asked(declared, now=now),
    }
    row: Any = (_KEPT if kept else _FREE).run(session, values).one_or_none()
    if row is None:
        return None
    station, day, capped, town, *couple_of = row
    return Written(Place(slot_id, station, day, bool(capped), town), *couple_of)
