"""Results of a checkup: each for one pair of eyes. ``result_desk`` is how they come in.

The risk class and the key of the letter are sealed with that person's own key; reading and erasing need the second
step of the session (``accounts.second_step``). That a person erased a result is told to nobody: for the station the
empty row still says "uploaded".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts, second_step
from backend.bookings import records
from backend.bookings.risks import Risk, known
from backend.documents import queries as letters, service as documents
from backend.documents.queries import DocumentCard
from backend.kernel import ids
from backend.kernel.crypto import Seal, Vault, place
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.models.booking import Booking
from backend.models.checkup import CheckupResult
from backend.models.station import Station

#: What the letters belong to in ``document``.
OWNER = "checkup_result"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A result that is there to be read, without a word of what is in it."""

    booking_id: int
    day: date
    station: str
    station_en: str
    ready_at: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """What the person reads. ``letter``: the advice letter, a PDF."""

    risk: Risk
    letter: DocumentCard | None
    station: str
    station_en: str
    phone: str
    ready_at: datetime


def read(session: Session, vault: Vault, *, resident_id: int, session_id: int, booking_id: int, at: datetime) -> Result:
    """One's own result; ``NotFound`` where there is none for this person, the partner's included.

    Then ``Forbidden second_step_required`` without a fresh second step; ``at``: the machine's time.
    """
    result = _readable(session, resident_id, session_id, booking_id, at)
    seal = accounts.seal_of(session, vault, resident_id)
    station = session.get_one(Station, session.get_one(Booking, booking_id).station)
    risk = known(seal.open_text(result.risk or "", place("checkup_result", "risk", result.id)))
    letter = _letter_of(session, seal, result)
    return Result(risk, letter, station.name, station.name_en, station.phone, result.ready_at)


def erase(session: Session, *, resident_id: int, session_id: int, booking_id: int, now: datetime, at: datetime) -> None:
    """Destroy one's own result for good, letter included. Errors as in ``read``: nobody erases it for another."""
    _blank(session, _readable(session, resident_id, session_id, booking_id, at), now)


def ready(session: Session, *, resident_id: int) -> list[Waiting]:
    """The results that one can open, newest first."""
    query = (
        select(CheckupResult.booking_id, Booking.day, Station.name, Station.name_en, CheckupResult.ready_at)
        .join(Booking, Booking.id == CheckupResult.booking_id)
        .join(Station, Station.code == Booking.station)
        .where(CheckupResult.resident_id == resident_id, CheckupResult.risk.is_not(None))
    )
    return [Waiting(*row) for row in session.execute(query.order_by(CheckupResult.id.desc()).limit(50))]


def whom_to_tell(session: Session, result_id: int) -> int | None:
    """Whose result it is, while it is there."""
    row = session.get(CheckupResult, result_id)
    return row.resident_id if row is not None and row.risk is not None else None


def of_person(session: Session, vault: Vault, resident_id: int) -> list[dict[str, Any]]:
    """Every result of a person, oldest first, for their own copy of the data; letters are downloaded one by one."""
    seal, told = accounts.seal_of(session, vault, resident_id), []
    query = select(CheckupResult).where(CheckupResult.resident_id == resident_id, CheckupResult.risk.is_not(None))
    for row in session.scalars(query.order_by(CheckupResult.id)):
        risk = known(seal.open_text(row.risk or "", place("checkup_result", "risk", row.id)))
        told.append(
            {
                "booking": ids.encode(row.booking_id),
                "ready_at": row.ready_at,
                "risk": risk.code,
                "risk_label": risk.label,
                "advice": risk.advice,
                "letter": row.document_id is not None,
            }
        )
    return told


def erase_person(session: Session, *, resident_id: int, now: datetime) -> None:
    """Destroy every result of a person who leaves."""
    for row in session.scalars(select(CheckupResult).where(CheckupResult.resident_id == resident_id)):
        _blank(session, row, now)
    gone = delete(CheckupResult).where(CheckupResult.resident_id == resident_id)
    session.flush()
    session.execute(gone, execution_options={"synchronize_session": False})


def no_result() -> NotFound:
    return NotFound("no_result", N_("这里现在没有您的结果：还没出来，或者您已经删除了"))


def own(session: Session, resident_id: int, booking_id: int) -> CheckupResult | None:
    query = select(CheckupResult).where(
        CheckupResult.booking_id == booking_id, CheckupResult.resident_id == resident_id
    )
    return session.scalars(query).one_or_none()


def _readable(session: Session, resident_id: int, session_id: int, booking_id: int, at: datetime) -> CheckupResult:
    records.mine(session, resident_id=resident_id, booking_id=booking_id)
    row = own(session, resident_id, booking_id)
    if row is None or row.risk is None:
        raise no_result()
    second_step.check(session, session_id=session_id, at=at)
    return row


def _letter_of(session: Session, seal: Seal, row: CheckupResult) -> DocumentCard | None:
    if row.document_id is None:
        return None
    return letters.one(session, seal, owner_kind=OWNER, owner_id=row.id, document_id=row.document_id)


def drop_letter(session: Session, row: CheckupResult, now: datetime) -> None:
    if row.document_id is not None:
        document, row.document_id = row.document_id, None
        documents.remove(session, owner_kind=OWNER, owner_id=row.id, document_id=document, keep_until=None, now=now)


def _blank(session: Session, row: CheckupResult, now: datetime) -> None:
    drop_letter(session, row, now)
    row.risk = None
