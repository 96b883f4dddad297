"""Confirm, reschedule, cancel, hold another time instead: by either of the couple, for both."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.accounts import consents
from backend.accounts.consents import Purposes
from backend.bookings import codes, holds, offers, policy, records, seats
from backend.bookings.holds import Wish
from backend.catalogue import queries as catalogue
from backend.events import moves
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, Invalid
from backend.kernel.i18n import N_, Text
from backend.lifecycles.booking import BOOKING, BookingStatus as S
from backend.models.booking import Booking
from backend.models.station import Slot, Station

ITEM = "checkup"


def confirm(
    session: Session,
    vault: Vault,
    *,
    purposes: Purposes,
    issuer: str,
    resident_id: int,
    booking_id: int,
    expected_version: int | None = None,
    now: datetime,
) -> int:
    """Make a hold a booking; doing it twice is once.

    Errors: 404; 412 another ``expected_version``; 409 ``hold_expired``,
    ``slot_closed``, ``partner_consent_missing``; 422 ``consent_required``.
    """
    row = records.mine(session, resident_id=resident_id, booking_id=booking_id, lock=True)
    records.check_version(row, expected_version)
    if row.status == S.CONFIRMED:
        return row.id
    _check_hold(row, now)
    slot = session.get_one(Slot, row.slot_id)
    if slot.withdrawn_at is not None or slot.starts_at <= now:
        raise holds.slot_closed()
    _check_consents(session, row, resident_id, purposes)
    moves.pass_on(session, row, "confirm", lifecycle=BOOKING, role="person", turn=row.sequence, now=now)
    row.held_until = None
    row.token = codes.sign(session, vault, row, issuer=issuer, now=now)
    offers.end_waiting(session, booking=row, now=now)
    return row.id


def cancel(
    session: Session, *, resident_id: int, booking_id: int, expected_version: int | None = None, now: datetime
) -> int:
    """Give a booking or a hold back, until the hour itself; nothing follows from it. Twice is once.

    Errors: 404; 409 ``too_late`` once it has begun, ``not_allowed_now``.
    """
    row = records.mine(session, resident_id=resident_id, booking_id=booking_id, lock=True)
    records.check_version(row, expected_version)
    if row.status == S.CANCELLED:
        return row.id
    if row.status in (S.HELD, S.CONFIRMED) and row.starts_at <= now:
        raise Conflict("too_late", N_("约好的时间已经到了，不用再取消；没去也没关系，以后随时可以再约"))
    name = "give_back" if row.status == S.HELD else "cancel"
    moves.pass_on(session, row, name, lifecycle=BOOKING, role="person", turn=row.sequence, now=now)
    row.ended_as, row.sequence = "person", row.sequence + 1
    offers.withdraw_moves(session, booking_id=row.id, slots=(row.slot_id,), now=now)
    records.let_go(session, row, now=now, at_once=name == "give_back")
    return row.id


def hold_instead(
    session: Session, vault: Vault, *, resident_id: int, booking_id: int, wish: Wish, now: datetime
) -> int:
    """Give the held booking back and hold another slot; the new booking's id.

    Errors: 409 ``not_allowed_now`` when it is no longer only held, and those of ``holds.hold``; then all is as it was.
    """
    row = records.mine(session, resident_id=resident_id, booking_id=booking_id, lock=True)
    BOOKING.check("give_back", row.status, "person")
    cancel(session, resident_id=resident_id, booking_id=booking_id, now=now)
    session.flush()
    return holds.hold(session, vault, resident_id=resident_id, wish=wish, now=now)


def reschedule(
    session: Session,
    vault: Vault,
    *,
    issuer: str,
    resident_id: int,
    booking_id: int,
    slot_id: int,
    expected_version: int | None = None,
    now: datetime,
) -> int:
    """Take another slot for the same people; the old seats rest. Not counted against anything.

    Until four hours before; at any time when the station itself withdrew the slot.
    Errors: 404; 409 ``too_late``, ``slot_full``, ``slot_closed``, ``same_slot``, ``not_allowed_now``; 422 residence.
    """
    row = records.mine(session, resident_id=resident_id, booking_id=booking_id, lock=True)
    records.check_version(row, expected_version)
    BOOKING.check("reschedule", row.status, "person")
    old = session.get_one(Slot, row.slot_id)
    if old.withdrawn_at is None and row.starts_at - policy.CHANGE_BEFORE <= now:
        raise Conflict("too_late", N_("离检查不到 4 小时，不能再改期；来不了的话点“来不了”，以后随时再约"))
    new = holds.facts_of_slot(session, slot_id)
    _check_other(session, old, new, now)
    offers.withdraw_moves(session, booking_id=row.id, slots=(old.id, new.id), now=now)
    _swap(session, row, old, new, now)
    put(session, vault, row, new, issuer=issuer, now=now)
    return row.id


def _swap(session: Session, row: Booking, old: Slot, new: Any, now: datetime) -> None:
    """The new seats against the old ones, in the order of locks."""
    where = seats.Place(new.id, new.station, new.day, new.capped, row.town if new.shared else "")
    if old.id < new.id:
        seats.rest(session, seats.place(old, row.town), row.seats, now=now)
    if not seats.take(session, where, row.seats, now=now):
        raise holds.full(session, new, row.seats, now=now, town=where.town)
    if old.id > new.id:
        seats.rest(session, seats.place(old, row.town), row.seats, now=now)


def put(session: Session, vault: Vault, row: Booking, slot: Any, *, issuer: str, now: datetime) -> None:
    """Move a confirmed booking to a slot whose seats are taken already."""
    row.sequence += 1
    moves.pass_on(session, row, "reschedule", lifecycle=BOOKING, role="person", turn=row.sequence, now=now)
    row.station, row.slot_id, row.day = slot.station, slot.id, slot.day
    row.starts_at, row.ends_at = slot.starts_at, slot.ends_at
    row.token = codes.sign(session, vault, row, issuer=issuer, now=now)


def _check_hold(row: Booking, now: datetime) -> None:
    expired = row.status == S.CANCELLED and row.ended_as == "expired"
    if expired or (row.status == S.HELD and row.held_until is not None and row.held_until <= now):
        raise Conflict("hold_expired", N_("占的号过了 10 分钟，已经退回；请再选一次时间，一分钟就好"))
    BOOKING.check("confirm", row.status, "person")


def _check_other(session: Session, old: Slot, new: Any, now: datetime) -> None:
    if new.id == old.id:
        raise Conflict("same_slot", N_("这就是您现在约的时间"))
    if new.withdrawn_at is not None or not new.opens_at <= now < new.closes_at:
        raise holds.slot_closed()
    if new.station != old.station and new.county != session.get_one(Station, old.station).county:
        raise Invalid("not_resident", N_("改期只能改到同一个区县的服务站；去别的区县请先取消，再在那里约"))


def _check_consents(session: Session, row: Booking, resident_id: int, purposes: Purposes) -> None:
    """Health data is used at the station: both have agreed, each in their own account (个人信息保护法 第二十九条)."""
    wanted = catalogue.definition(session, ITEM).consents
    missing = _missing(session, resident_id, wanted, purposes)
    if missing:
        named = {f"consents.{purpose}": [_READ] for purpose in missing}
        raise Invalid("consent_required", N_("请先阅读并同意，再确认预约；号还给您占着"), errors=named)
    for other in {row.resident_id, row.partner_id} - {resident_id, None}:
        if _missing(session, other or 0, wanted, purposes):
            raise Conflict(
                "partner_consent_missing",
                N_("还差您爱人的同意：请爱人登录自己的账号，在这次预约里点同意，号还给您占着"),
            )


def _missing(session: Session, resident_id: int, wanted: tuple[str, ...], purposes: Purposes) -> list[str]:
    given = consents.given_purposes(session, resident_id=resident_id, purposes=purposes)
    return [purpose for purpose in wanted if purpose not in given]


_READ: Text = N_("请先阅读并同意")
