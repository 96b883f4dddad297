"""Walk-ins: whoever stands at the door takes a seat of today that nobody has, and is checked in at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.bookings import companions, holds, jurisdiction, seats as seating
from backend.bookings.holds import COMPANION
from backend.bookings.jurisdiction import Nurse
from backend.events import moves
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.i18n import N_
from backend.lifecycles.booking import BOOKING, BookingStatus as S
from backend.models.booking import Booking, BookingSeat
from backend.models.station import Slot

#: Without a wish it is the slot that goes on now or the one after it: nobody is made to wait half a day unasked.
NEAR = 2
WALK_IN = "walk_in"


def slots(session: Session, *, nurse: Nurse, station: str, now: datetime) -> list[Slot]:
    """What is left of today: the slots that have not ended, in order."""
    where = jurisdiction.station(session, nurse, station)
    left = (Slot.station == where.code, Slot.day == today(now), Slot.ends_at > now, Slot.withdrawn_at.is_(None))
    return list(session.scalars(select(Slot).where(*left).order_by(Slot.starts_at)))


def register(
    session: Session,
    vault: Vault,
    *,
    nurse: Nurse,
    station: str,
    slot_id: int | None = None,
    seats: int,
    name: str = "",
    now: datetime,
) -> int:
    """Take the seats and check in; the booking's id. ``name`` may be left out, and is erased after 30 days.

    Errors: 404 station or slot; 409 ``closed_today``, ``slot_full`` with what is left today; 422 ``name``.
    """
    companions.check(name, field="name")
    rest = slots(session, nurse=nurse, station=station, now=now)
    if not rest:
        raise Conflict("closed_today", N_("今天不开门，或者今天的检查已经结束，不能现场登记"))
    wanted = rest[:NEAR] if slot_id is None else [slot for slot in rest if slot.id == slot_id]
    if not wanted:
        raise NotFound("not_found", N_("今天没有这个时间，或者已经结束，请另选一个"))
    slot = next((slot for slot in wanted if _take(session, slot, seats, now)), None)
    if slot is None:
        raise _full(rest, seats)
    return _write(session, vault, slot, seats, name, now)


def _take(session: Session, slot: Slot, wanted: int, now: datetime) -> bool:
    return seating.take_present(session, seating.place(slot, ""), wanted, now=now)


def _full(rest: list[Slot], wanted: int) -> Conflict:
    left = [slot for slot in rest if slot.taken + wanted <= slot.capacity]
    words = (
        N_("这会儿没有空位了，今天后面还有；请和本人商量选一个时间") if left else N_("今天的号都满了，请本人另约一天")
    )
    return Conflict(
        "slot_full",
        words,
        extra={
            "alternatives": [
                {
                    "slot_id": ids.encode(slot.id),
                    "starts_at": slot.starts_at,
                    "available": slot.capacity - slot.taken,
                }
                for slot in left
            ]
        },
    )


def _write(session: Session, vault: Vault, slot: Slot, wanted: int, name: str, now: datetime) -> int:
    """Without an account there is no plan to close: ``plan`` says nothing here."""
    first, *others = ids.new_ids(now, wanted + 1)
    row = Booking(
        id=first,
        code=holds.new_code(),
        station=slot.station,
        slot_id=slot.id,
        day=slot.day,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        seats=wanted,
        companion=vault.seal(name.encode(), place("booking", "companion", first)) if name else None,
        plan="first",
        status=S.CONFIRMED.value,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    for seat_id, whose in zip(others, (WALK_IN, COMPANION), strict=False):
        session.add(BookingSeat(id=seat_id, booking_id=first, whose=whose))
    session.flush()
    moves.pass_on(session, row, "check_in", lifecycle=BOOKING, role="nurse", turn=0, now=now)
    return first
