"""How results come in: a nurse brings one for one person of a booking, and cannot read it again.

She sees that one is there and nothing else. No list leads here: past days are not listed, so the booking's eight
letters do, which stand on the slip that goes with the samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import consents, queries as accounts
from backend.accounts.consents import Purposes
from backend.bookings import results
from backend.bookings.jurisdiction import Nurse
from backend.bookings.risks import risks
from backend.documents import service as documents
from backend.documents.intake import Stored
from backend.events import outbox
from backend.kernel import ids
from backend.kernel.crypto import Seal, Vault, place
from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.kernel.i18n import N_
from backend.lifecycles.booking import BookingStatus as S
from backend.models.booking import Booking
from backend.models.checkup import CheckupResult
from backend.models.resident import Resident
from backend.models.station import Station

READY = "result_ready"
#: The one document of a result.
LETTER = "advice_letter"
#: The consent without which nothing is kept (config/consents.toml).
PURPOSE = "health"
#: Whoever is at the station or was: results come minutes or days later.
THERE = (S.CHECKED_IN, S.COMPLETED)
WHOSE = ("booker", "partner")


@dataclass(frozen=True, slots=True)
class Place:
    """A person of a booking as the nurse sees them. ``online``: they have an account and agreed, so it can be kept."""

    whose: str
    name_masked: str
    online: bool
    uploaded: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A booking for which results may be brought in."""

    booking_id: int
    code: str
    station: str
    people: list[Place]


def sheet(
    session: Session, *, purposes: Purposes, nurse: Nurse, booking_id: int | None = None, code: str = ""
) -> Sheet:
    """A booking by its id or its eight letters; ``NotFound`` unless somebody was checked in at the nurse's stations.

    No list leads here: past days are not listed, the code stands on the slip that goes with the samples.
    """
    wanted = Booking.id == booking_id if booking_id is not None else Booking.code == code.strip().upper()
    row, station = _there(session, nurse, session.scalars(select(Booking).where(wanted)).one_or_none())
    uploaded = set(session.scalars(select(CheckupResult.resident_id).where(CheckupResult.booking_id == row.id)))
    people = [("booker", row.resident_id)] + ([("partner", row.partner_id)] if row.partner_id else [])
    places = [_place(session, purposes, whose, who, uploaded) for whose, who in people]
    return Sheet(row.id, row.code, station.name, places)


def check(
    session: Session, *, purposes: Purposes, nurse: Nurse, booking_id: int, whose: str, risk: str
) -> tuple[Booking, int]:
    """Whether this may be brought in now: the booking and whose it will be. 404, 409 ``on_paper``, 422."""
    row, _station = _there(session, nurse, session.get(Booking, booking_id, with_for_update=True))
    errors = {"whose": [N_("请选是谁的结果")]} if whose not in WHOSE else {}
    if risk not in risks():
        errors["risk"] = [N_("请从给出的选项里选")]
    if errors:
        raise Invalid("invalid_input", N_("有 %(n)s 处要改", n=len(errors)), errors=errors)
    who = row.resident_id if whose == "booker" else row.partner_id
    if who is None or not _online(session, purposes, who):
        words = N_("这位没有账号，或者没有同意在网上保存结果。请把结果装在信封里，当面交给本人")
        raise Conflict("on_paper", words)
    return row, who


def put(
    session: Session,
    *,
    vault: Vault,
    purposes: Purposes,
    nurse: Nurse,
    booking_id: int,
    whose: str,
    risk: str,
    stored: Stored | None = None,
    now: datetime,
) -> int:
    """Bring in the result of one person; what was there before is replaced as a whole, letter included.

    Errors as in ``check``. The id of the letter, or of the result when it has none. What the file was called on the
    nurse's machine is not kept: it may name somebody.
    """
    row, who = check(session, purposes=purposes, nurse=nurse, booking_id=booking_id, whose=whose, risk=risk)
    seal = accounts.seal_of(session, vault, who)
    result = results.own(session, who, booking_id)
    if result is None:
        result = CheckupResult(id=ids.new_id(now), booking_id=row.id, resident_id=who)
        session.add(result)
    results.drop_letter(session, result, now)
    result.risk = seal.seal_text(risk, place("checkup_result", "risk", result.id))
    result.ready_at = now
    result.document_id = _letter(session, vault, seal, result.id, stored, now) if stored else None
    # Told again when it is replaced: whoever has read the first one must hear of it.
    outbox.add(session, topic=READY, subject_id=result.id, dedupe_key=f"{READY}:{ids.new_id(now)}", now=now)
    return result.document_id or result.id


def _there(session: Session, nurse: Nurse, row: Booking | None) -> tuple[Booking, Station]:
    station = session.get(Station, row.station) if row is not None else None
    if row is None or station is None or row.status not in THERE or not nurse.works_at(station):
        # The same words for whoever did not come: that is nobody's business.
        raise NotFound("not_found", N_("没有找到已经签到的这次检查，请核对签到码；本人刚到的，先签到"))
    return row, station


def _place(session: Session, purposes: Purposes, whose: str, who: int | None, uploaded: set[int]) -> Place:
    person = session.get(Resident, who) if who is not None else None
    online = who is not None and _online(session, purposes, who)
    return Place(whose, person.name_masked if person else "", online, who in uploaded)


def _online(session: Session, purposes: Purposes, resident_id: int) -> bool:
    """Whether the person has an account still and agrees to the use of health data (个人信息保护法 第二十九条)."""
    person = session.get(Resident, resident_id)
    if person is None or not person.key:
        return False
    return PURPOSE in consents.given_purposes(session, resident_id=resident_id, purposes=purposes)


def _letter(session: Session, vault: Vault, seal: Seal, result_id: int, stored: Stored, now: datetime) -> int:
    return documents.add(
        session,
        vault,
        seal,
        owner_kind=results.OWNER,
        owner_id=result_id,
        code=LETTER,
        stored=stored,
        name=None,
        revision=0,
        now=now,
    )
