"""Check in 签到 by a scanned or typed code, and taking it back. Nothing remembers who came but the visit itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import attempts
from backend.bookings import codes, day, offers, records
from backend.bookings.codes import Scanned
from backend.bookings.jurisdiction import Nurse
from backend.events import moves
from backend.kernel.clock import local, today
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, TooMany
from backend.kernel.i18n import N_
from backend.lifecycles.booking import BOOKING, BookingStatus as S
from backend.models.booking import Booking
from backend.models.station import Station

#: Codes that one nurse may type; scanning has no limit, a signature cannot be guessed.
TRIES, TRY_WINDOW = 40, timedelta(minutes=10)


def count_try(session: Session, vault: Vault, *, nurse: Nurse, now: datetime) -> None:
    """One more typed code, in a transaction of its own; 429 ``too_many_tries`` when there were too many."""
    bucket = attempts.bucket(vault, "check-in", str(nurse.id), limit=TRIES, window=TRY_WINDOW)
    if not attempts.take(session, bucket, now=now):
        raise TooMany(
            "too_many_tries",
            N_("输的码太多了，请过几分钟再输；扫码和在名单里点签到不受影响"),
            retry_after=attempts.seconds_left(session, bucket, now=now),
        )


def check_in(session: Session, *, nurse: Nurse, code: Scanned, station: str = "", now: datetime) -> int:
    """The people of a booking are here; doing it twice is once. The booking's id.

    ``station``: where the nurse sits, "" for any of the nurse's own. Errors, all 409: ``unknown_code``, ``old_code``,
    ``other_station``, ``booking_cancelled``, ``not_confirmed``, ``already_completed``, ``other_day``, ``day_over``.
    """
    row = session.scalars(select(Booking).where(Booking.code == code.code).with_for_update()).one_or_none()
    if row is None:
        # What we signed was a booking once: it has been erased since.
        raise codes.unknown() if code.sequence is None else _old()
    _check_place(session, row, nurse, station)
    if row.day < today(now):
        raise _other_day(row)  # whatever became of it: no code tells who came and who did not on a past day
    _check_code(row, code)
    _check_day(row, now)
    if row.status != S.CHECKED_IN:
        moves.pass_on(session, row, "check_in", lifecycle=BOOKING, role="nurse", turn=row.sequence, now=now)
        offers.withdraw_moves(session, booking_id=row.id, now=now)
    return row.id


def check_in_listed(session: Session, *, nurse: Nurse, booking_id: int, now: datetime) -> int:
    """The same from the list of the day, without a code."""
    row = day.to_change(session, nurse=nurse, booking_id=booking_id, now=now)
    return check_in(session, nurse=nurse, code=Scanned(row.code), now=now)


def undo(session: Session, *, nurse: Nurse, booking_id: int, now: datetime) -> int:
    """They are not here after all: a booking waits again, a walk-in is gone and its seats are free."""
    row = day.to_change(session, nurse=nurse, booking_id=booking_id, now=now)
    if row.status == S.CONFIRMED:
        return row.id
    name = "undo_check_in" if row.resident_id else "call_off"
    moves.pass_on(session, row, name, lifecycle=BOOKING, role="nurse", turn=row.sequence, now=now)
    if row.resident_id is None:
        row.ended_as = "station"
        records.let_go(session, row, now=now, at_once=True)
    return row.id


def _check_place(session: Session, row: Booking, nurse: Nurse, station: str) -> None:
    theirs = session.get_one(Station, row.station)
    if not nurse.works_at(theirs):
        raise Conflict("other_station", N_("约的是%(station)s，不在您的辖区，请本人到那里去", station=theirs.name))
    if station and station != row.station:
        raise Conflict(
            "other_station",
            N_("约的是%(station)s，不是您现在选的服务站；人在那边的话，请先换到那个服务站再签到", station=theirs.name),
        )


def _check_code(row: Booking, code: Scanned) -> None:
    if row.status == S.CANCELLED:
        raise Conflict("booking_cancelled", N_("这个预约已经取消了；人来了可以现场登记，有空位就能查"))
    if code.sequence is not None and code.sequence != row.sequence:
        raise _old()
    if row.status == S.HELD:
        raise Conflict("not_confirmed", N_("占了号还没有确认，请本人在手机上点“确认预约”，再签到"))
    if row.status == S.COMPLETED:
        raise Conflict("already_completed", N_("这次检查已经做完了，不用再签到"))


def _check_day(row: Booking, now: datetime) -> None:
    if row.day != today(now):
        raise _other_day(row)
    if row.status == S.MISSED:
        raise Conflict("day_over", N_("今天的检查已经结束，请本人在手机上另约一个时间"))


def _other_day(row: Booking) -> Conflict:
    words = N_(
        "约的是 %(month)d 月 %(day)d 日 %(time)s，不是今天",
        month=row.day.month,
        day=row.day.day,
        time=f"{local(row.starts_at):%H:%M}",
    )
    return Conflict("other_day", words, extra={"date": row.day.isoformat()})


def _old() -> Conflict:
    return Conflict("old_code", N_("这是改期以前的码，已经不用了；请本人打开手机上的预约，出示现在的码"))
