"""Hold 占号: both seats at once or none, for ten minutes, one for a couple at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, and_, bindparam, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.bookings import availability, companions, policy, records, residence, seats, writing
from backend.bookings.residence import Residence
from backend.bookings.writing import Written
from backend.events import moves
from backend.events.prepared import Prepared
from backend.kernel import ids
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Collision, Conflict, Invalid, NotFound, TooMany
from backend.kernel.i18n import N_
from backend.lifecycles.booking import BOOKING, BookingStatus as S
from backend.models.booking import Booking, BookingSeat
from backend.models.resident import Resident
from backend.models.station import Slot, Station

BOOKER, PARTNER, COMPANION = "booker", "partner", "companion"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to book. ``partner``: with the linked account; ``companion``: a spouse without one."""

    slot_id: int
    plan: str
    partner: bool = False
    companion: str = field(default="", repr=False)
    residence: Residence | None = None

    @property
    def seats(self) -> int:
        return 2 if self.partner or self.companion else 1


def hold(session: Session, vault: Vault, *, resident_id: int, wish: Wish, now: datetime) -> int:
    """Take the seats for ten minutes; the booking's id.

    Errors: 404 slot; 409 ``slot_full`` with alternatives, ``slot_closed``, ``already_booked``, ``plan_used``,
    ``no_partner``; 422 ``residence_required``, ``not_resident``; 429 ``too_many_holds``.
    """
    booking_id = ids.new_id(now)
    written = write(session, vault, resident_id=resident_id, wish=wish, booking_id=booking_id, now=now)
    if written is None:
        raise _why_not(session, resident_id, wish, now)
    claim_seats(session, written, wish, booking_id, resident_id, now)
    if not seats.take(session, written.place, wish.seats, now=now):
        raise full(session, facts_of_slot(session, wish.slot_id), wish.seats, now=now, town=written.place.town)
    return booking_id


def write(
    session: Session, vault: Vault, *, resident_id: int, wish: Wish, booking_id: int, kept: bool = False, now: datetime
) -> Written | None:
    """The held booking of a wish, without its seats; ``kept`` and ``None`` as in ``writing.booking``."""
    return writing.booking(
        session,
        booking_id=booking_id,
        resident_id=resident_id,
        slot_id=wish.slot_id,
        seats=wish.seats,
        couple=wish.partner,
        companion=_companion(session, vault, resident_id, booking_id, wish),
        plan=wish.plan,
        declared=wish.residence,
        kept=kept,
        now=now,
    )


def _companion(session: Session, vault: Vault, resident_id: int, booking_id: int, wish: Wish) -> str | None:
    if not wish.companion:
        return None
    check_couple(None, partner=wish.partner, companion=wish.companion)
    companions.check(wish.companion)
    seal = accounts.seal_of(session, vault, resident_id)
    return seal.seal_text(wish.companion, place("booking", "companion", booking_id))


def _why_not(session: Session, resident_id: int, wish: Wish, now: datetime) -> Exception:
    """What kept the booking from being written."""
    slot = facts_of_slot(session, wish.slot_id)
    _check_person(session, resident_id, wish, now)
    town = residence.check(slot, wish.residence, now=now)
    if not _open(slot, now):
        return slot_closed()
    if slot.taken + wish.seats > slot.capacity:
        return full(session, slot, wish.seats, now=now, town=town if slot.shared else "")
    return Collision("booking")  # what was in the way has just gone


def full(session: Session, slot: Any, wanted: int, *, now: datetime, town: str = "") -> Conflict:
    """No room, with the nearest slots that have some."""
    near = availability.nearest(session, station=slot.station, seats=wanted, around=slot.starts_at, now=now, town=town)
    words = N_("这个时间刚刚约满了，请换一个时间") if wanted == 1 else N_("这个时间不够两个人了，请换一个时间")
    return Conflict(
        "slot_full",
        words,
        extra={
            "alternatives": [
                {"slot_id": ids.encode(view.id), "starts_at": view.starts_at, "available": view.left} for view in near
            ]
        },
    )


def slot_closed() -> Conflict:
    return Conflict("slot_closed", N_("这个时间现在不能约：还没放号、已经过去、太近了或者那天不开门，请换一个时间"))


def facts_of_slot(session: Session, slot_id: int) -> Any:
    """A slot with its station; ``NotFound`` for one that is not (or no longer) there."""
    row = session.connection().execute(_SLOT, {"slot": slot_id}).one_or_none()
    if row is None:
        raise slot_not_found()
    return row


def slot_not_found() -> NotFound:
    return NotFound("not_found", N_("没有找到这个时间，请回到日历重新选"))


def person_key(resident_id: int, index: str | None, plan: str) -> str:
    """One free checkup a person and plan; by the document where it is known, so that a second account is no second."""
    return f"{index or resident_id}:{plan}"


def new_code() -> str:
    return ids.typed_code(8)


_SLOT = (
    select(
        Slot.id,
        Slot.station,
        Slot.day,
        Slot.starts_at,
        Slot.ends_at,
        Slot.capacity,
        Slot.taken,
        Slot.opens_at,
        Slot.closes_at,
        Slot.capped,
        Slot.shared,
        Slot.withdrawn_at,
        Station.county,
        Station.residence_months,
    )
    .join(Station, and_(Station.code == Slot.station, Station.active))
    .where(Slot.id == bindparam("slot"))
)
_PERSON = select(Resident.partner_id, writing.GIVEN_UP).where(Resident.id == bindparam("resident"))


def check_couple(partner_id: int | None, *, partner: bool, companion: str) -> None:
    """Together with a linked account, or with a name, or alone."""
    if partner and companion:
        raise Invalid("invalid_input", N_("爱人有账号就选“和爱人一起”，没有才写名字，两样选一样"))
    if partner and partner_id is None:
        raise Conflict("no_partner", N_("还没有关联爱人：请先邀请爱人接受，或者直接写爱人的名字一起约"))


def _check_person(session: Session, resident_id: int, wish: Wish, now: datetime) -> None:
    asked = {"resident": resident_id, "since": now - policy.GIVEN_UP_WINDOW}
    partner_id, given_up = session.connection().execute(_PERSON, asked).one()
    check_couple(partner_id, partner=wish.partner, companion=wish.companion)
    if given_up >= policy.GIVEN_UP:
        raise TooMany(
            "too_many_holds",
            N_("您今天占号又退掉了很多次，请明天再约，或者打电话给服务站"),
            retry_after=int(policy.GIVEN_UP_WINDOW.total_seconds()),
        )


def _open(slot: Any, now: datetime) -> bool:
    return slot.withdrawn_at is None and slot.opens_at <= now < slot.closes_at


def claim_seats(
    session: Session, written: Written, wish: Wish, booking_id: int, resident_id: int, now: datetime
) -> None:
    """The database lets a person into one active booking and one checkup of a plan."""
    rows = seat_rows(
        booking_id,
        booker=(resident_id, written.person_index),
        partner=(written.partner_id, written.partner_index) if wish.partner and written.partner_id else None,
        spouse=written.partner_id,
        companion=bool(wish.companion),
        plan=wish.plan,
        now=now,
    )
    keys = [row["active_key"] for row in rows if row["active_key"]]
    try:
        try:
            insert_seats(session, rows)
        except IntegrityError:
            if not _expire_own(session, keys, now):
                raise
            insert_seats(session, rows)
    except IntegrityError as taken:
        raise refusal(session, rows, resident_id) from taken


def seat_rows(
    booking_id: int,
    *,
    booker: tuple[int, str | None],
    partner: tuple[int, str | None] | None,
    spouse: int | None = None,
    companion: bool,
    plan: str,
    now: datetime,
) -> list[dict[str, Any]]:
    """The seats of a booking in the order of the accounts: partners who book at once never wait crosswise.

    Whoever has a linked ``spouse`` and comes alone claims the smaller of the two accounts, as the other would and as
    both together do: one active booking a couple.
    """
    people = [(*booker, BOOKER)] + ([(*partner, PARTNER)] if partner else [])
    rows = [
        {
            "whose": whose,
            "resident_id": who,
            "active_key": min(who, spouse) if spouse and not partner else who,
            "plan_key": person_key(who, index, plan),
        }
        for who, index, whose in sorted(people, key=lambda person: person[0])
    ]
    if companion:
        rows.append({"whose": COMPANION, "resident_id": None, "active_key": None, "plan_key": None})
    made = zip(ids.new_ids(now, len(rows)), rows, strict=True)
    return [{"id": row_id, "booking_id": booking_id, "items": None, **row} for row_id, row in made]


_SEAT_TABLE = cast(Table, BookingSeat.__table__)
_SEATS = Prepared(insert(_SEAT_TABLE).inline(), [column.name for column in _SEAT_TABLE.columns])


def insert_seats(session: Session, rows: list[dict[str, Any]]) -> None:
    """One statement; ``IntegrityError`` when one of the people has a booking or has had this plan's checkup."""
    _SEATS.run(session, rows)


def refusal(session: Session, rows: list[dict[str, Any]], resident_id: int) -> Exception:
    """Why the seats could not be written: whose booking or whose checkup is in the way."""
    keys = [row["active_key"] for row in rows if row["active_key"]]
    plans = [row["plan_key"] for row in rows if row["plan_key"]]
    if len(set(plans)) < len(plans):
        words = N_("您和爱人的账号里写的是同一个证件号码，请先在“我的”里改成各自的，再一起约")
        return Conflict("same_person", words)
    blocking = session.execute(
        select(BookingSeat.resident_id, BookingSeat.active_key).where(
            or_(BookingSeat.active_key.in_(keys), BookingSeat.plan_key.in_(plans)),
            BookingSeat.booking_id != rows[0]["booking_id"],
        )
    ).all()
    active = {row.resident_id for row in blocking if row.active_key}
    if resident_id in active:
        return Conflict("already_booked", N_("您已经有一个预约了，可以改期，也可以先取消再约"))
    if active:
        return Conflict("already_booked", N_("您爱人已经有一个预约了，请爱人改期或取消后再一起约"))
    if blocking:
        return Conflict("plan_used", N_("这一次怀孕计划的免费检查已经做过了；准备再要孩子的，请选对应的那一次"))
    return Collision("booking_seat")  # whoever was in the way has just gone


def _expire_own(session: Session, keys: list[int], now: datetime) -> bool:
    """Holds of these people that ran out and were not swept yet; ``True`` when there was one."""
    theirs = select(BookingSeat.booking_id).where(BookingSeat.active_key.in_(keys))
    late = (Booking.id.in_(theirs), Booking.status == S.HELD, Booking.held_until <= now)
    due = session.scalars(select(Booking).where(*late).with_for_update()).all()
    for row in due:
        expire(session, row, now=now)
    session.flush()
    return bool(due)


def expire(session: Session, row: Booking, *, now: datetime) -> None:
    """A hold ran out: its seats return."""
    moves.pass_on(session, row, "expire", lifecycle=BOOKING, role="system", turn=row.sequence, now=now)
    row.ended_as = "expired"
    records.let_go(session, row, now=now, at_once=True)


def expire_due(session: Session, *, now: datetime, limit: int) -> int:
    """Holds whose ten minutes are over; how many."""
    due = session.scalars(
        select(Booking)
        .where(Booking.status == S.HELD, Booking.held_until <= now)
        .order_by(Booking.slot_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    seats.lock(session, {row.slot_id for row in due})
    for row in due:
        expire(session, row, now=now)
    return len(due)
