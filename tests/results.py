"""Results in tests: a checkup that is over, a letter, and a session that took the second step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from backend.accounts import sessions
from backend.bookings import result_desk, results
from backend.bookings.jurisdiction import Nurse
from backend.bookings.results import Result
from backend.documents import intake
from backend.documents.intake import Cleaned, Stored
from backend.gateways.storage import Storage
from backend.kernel.clock import system_clock
from backend.models.checkup import CheckupResult
from backend.models.session import AuthSession
from tests import booking, day
from tests.people import Cast


@dataclass
class Visit:
    """A couple that was here, and the nurse who saw them."""

    cast: Cast
    nurse: Nurse
    booking_id: int
    mine: int
    theirs: int

    def put(self, whose: str = "booker", risk: str = "general", *, nurse: Nurse | None = None, **more: Any) -> int:
        made = self.cast.run(
            result_desk.put,
            vault=self.cast.vault,
            purposes=self.cast.purposes,
            nurse=nurse or self.nurse,
            booking_id=self.booking_id,
            whose=whose,
            risk=risk,
            now=self.cast.clock(),
            **more,
        )
        return int(made)

    def sheet(self, **wanted: Any) -> result_desk.Sheet:
        with self.cast.db.reading() as session:
            return result_desk.sheet(session, purposes=self.cast.purposes, nurse=self.nurse, **wanted)

    def read(self, who: int, sid: int) -> Result:
        with self.cast.db.reading() as session:
            return results.read(
                session,
                self.cast.vault,
                resident_id=who,
                session_id=sid,
                booking_id=self.booking_id,
                at=system_clock(),
            )

    def erase(self, who: int, sid: int) -> None:
        mine = {"resident_id": who, "session_id": sid, "booking_id": self.booking_id}
        self.cast.run(results.erase, **mine, now=self.cast.clock(), at=system_clock())

    def rows(self) -> list[CheckupResult]:
        with self.cast.db.reading() as session:
            return list(session.scalars(select(CheckupResult).order_by(CheckupResult.id)))


def visit(cast: Cast, *, done: bool = True) -> Visit:
    """A couple whose checkup is over; the man's serial is 7, the woman's 8."""
    nurse = day.nurse(cast)
    mine, theirs = booking.couple(cast)
    made = booking.booked(cast, mine, partner=True)
    day.to_the_day(cast)
    if done:
        day.here(cast, nurse, made)
        day.complete(cast, nurse, made)
    return Visit(cast, nurse, made, mine, theirs)


def stepped(cast: Cast, who: int, *, step: bool = True) -> int:
    """A session of this person, which took the second step now."""
    pair = cast.run(sessions.begin, key=b"k" * 32, kind="resident", account_id=who, at=system_clock())
    sid = int(pair.session.sid)
    if step:
        cast.run(_mark, sid=sid)
    return sid


def _mark(session: Any, *, sid: int) -> None:
    session.execute(update(AuthSession).where(AuthSession.id == sid).values(second_step_at=system_clock()))


def letter(cleaned: Cleaned, storage: Storage, cast: Cast) -> Stored:
    with cleaned:
        return intake.store(cleaned, storage=storage, now=cast.clock())
