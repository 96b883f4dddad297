"""What was done at the visit: which of the checks, person by person; the plan closes for those who were checked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.bookings import day, records
from backend.bookings.jurisdiction import Nurse
from backend.catalogue import queries as catalogue
from backend.events import moves
from backend.kernel.crypto import Unreadable, Vault, place
from backend.kernel.errors import Invalid, NotFound
from backend.kernel.i18n import N_, Text
from backend.kernel.privacy import UNIQUE_TYPES, sex
from backend.lifecycles.booking import BOOKING, BookingStatus as S
from backend.models.booking import Booking, BookingSeat

ITEM = "checkup"
WOMAN, MAN = "woman", "man"
OTHER = {WOMAN: MAN, MAN: WOMAN, "": ""}


@dataclass(frozen=True, slots=True)
class Check:
    """One of the 19 (config/catalogue/checkup.toml). ``later``: not done on the day itself; ``group``: talk, body, …"""

    code: str
    name: str
    name_en: str
    people: tuple[str, ...]
    later: bool
    group: str = "talk"

    def applies(self, who: str) -> bool:
        """Whether it is for a woman or a man; for somebody of whom neither is known everything is."""
        return not who or who in self.people


@dataclass(frozen=True, slots=True)
class Checked:
    """One person of a visit with the checks that apply; ``ticked``: codes of what was done, or usually is."""

    whose: str
    name: Text | str
    checks: tuple[Check, ...]
    ticked: tuple[str, ...]
    #: It was written down already that this person was not checked.
    away: bool


def checks(session: Session) -> tuple[Check, ...]:
    """The checks as the catalogue has them today."""
    entries = catalogue.definition(session, ITEM).source["guide"].get("items", [])
    return tuple(
        # What was published before checks had codes goes by its place.
        Check(
            e.get("code", f"{n:02d}"),
            e["name"],
            e["name_en"],
            tuple(e["for"]),
            e.get("later", False),
            e.get("group", "talk"),
        )
        for n, e in enumerate(entries, 1)
    )


def form(session: Session, vault: Vault, *, visit: day.Visit) -> list[Checked]:
    """Each person of a visit with what applies, for the nurse to tick, and to put right on the same day."""
    row = session.get_one(Booking, visit.id)
    known, every, seats = (
        sexes(session, vault, row),
        checks(session),
        {seat.whose: seat for seat in _seats(session, row)},
    )
    return [
        _person(session, vault, row, seats[who.whose], who.name, [c for c in every if c.applies(known[who.whose])])
        for who in visit.people
    ]


def _person(
    session: Session, vault: Vault, row: Booking, seat: BookingSeat, name: Text | str, every: Sequence[Check]
) -> Checked:
    """An account whose plan is free after the visit was not checked; without a list nobody knows what was done."""
    over = row.status == S.COMPLETED
    ticked = done(session, vault, row, seat) if over else [check.code for check in every if not check.later]
    away = over and seat.resident_id is not None and seat.plan_key is None and not ticked
    return Checked(seat.whose, name, tuple(every), tuple(ticked), away)


def complete(
    session: Session,
    vault: Vault,
    *,
    nurse: Nurse,
    booking_id: int,
    people: Mapping[str, Sequence[str]] | None = None,
    now: datetime,
) -> int:
    """The visit is over; doing it twice is once. The booking's id.

    ``people``: whose → codes of the checks that were done; nothing was done for whoever is not named, and their plan
    stays free. ``None``: everything that applies to each and is not for later. Said once more with ``people`` on the
    same day it puts right what was ticked by mistake: a plan can become free by that, never closed.
    Errors: 404; 409 ``not_allowed_now`` unless checked in; 422 ``unknown_check``, ``unknown_person``,
    ``nobody_checked``.
    """
    row = day.to_change(session, nurse=nurse, booking_id=booking_id, now=now)
    again = row.status == S.COMPLETED
    if again and people is None:
        return row.id
    if not again:
        BOOKING.check("complete", row.status, "nurse")
    seats = _seats(session, row)
    said = _usual(session, vault, row) if people is None else _checked(session, seats, people, nobody=again)
    for seat in seats:
        _close(session, vault, row, seat, said.get(seat.whose, ()))
    if not again:
        moves.pass_on(session, row, "complete", lifecycle=BOOKING, role="nurse", turn=row.sequence, now=now)
    return row.id


def done(session: Session, vault: Vault, row: Booking, seat: BookingSeat) -> list[str]:
    """Which checks were done for a person; empty when nobody wrote it down."""
    if seat.items is None:
        return []
    sealed = records.seal_for(session, vault, row).open(seat.items, _place(seat))
    return [str(code) for code in json.loads(sealed)]


def _seats(session: Session, row: Booking) -> Sequence[BookingSeat]:
    return session.scalars(select(BookingSeat).where(BookingSeat.booking_id == row.id).order_by(BookingSeat.id)).all()


def _usual(session: Session, vault: Vault, row: Booking) -> dict[str, list[str]]:
    every = [check for check in checks(session) if not check.later]
    known = sexes(session, vault, row)
    return {whose: [check.code for check in every if check.applies(who)] for whose, who in known.items()}


def _checked(
    session: Session, seats: Iterable[BookingSeat], people: Mapping[str, Sequence[str]], *, nobody: bool
) -> dict[str, list[str]]:
    """What was said, in the order of the catalogue. ``nobody``: whether it may be that nobody was checked."""
    order = [check.code for check in checks(session)]
    if set(people) - {seat.whose for seat in seats}:
        raise Invalid("unknown_person", N_("这次预约里没有这个人，请刷新后再填"), errors={"people": [N_("没有这个人")]})
    if {code for codes in people.values() for code in codes} - set(order):
        raise Invalid("unknown_check", N_("没有这个检查项目，请刷新后再填"), errors={"people": [N_("没有这个项目")]})
    if not nobody and not any(people.values()):
        words = N_("请勾上做了的项目；两个人都没有查的，请撤销签到")
        raise Invalid("nobody_checked", words, errors={"people": [words]})
    return {whose: [code for code in order if code in codes] for whose, codes in people.items()}


def _close(session: Session, vault: Vault, row: Booking, seat: BookingSeat, codes: Sequence[str]) -> None:
    """Whoever was checked has had this plan's checkup; whoever was not may book it again."""
    seat.active_key = None
    if not codes:
        seat.plan_key = seat.items = None
        return
    try:
        seal = records.seal_for(session, vault, row)
    except Unreadable:  # the account was erased meanwhile: there is nothing left to seal it with
        return
    seat.items = seal.seal(json.dumps(list(codes)).encode(), _place(seat))


def _place(seat: BookingSeat) -> str:
    return place("booking_seat", "items", seat.id)


def sexes(session: Session, vault: Vault, row: Booking) -> dict[str, str]:
    """whose → woman, man or "" by the document of each; a spouse whose document says nothing is the other one."""
    query = select(BookingSeat.whose, BookingSeat.resident_id).where(BookingSeat.booking_id == row.id)
    found = {whose: _sex(session, vault, who) if who else "" for whose, who in session.execute(query)}
    if len(found) == 2:
        one, other = found
        return {one: found[one] or OTHER[found[other]], other: found[other] or OTHER[found[one]]}
    return found


def _sex(session: Session, vault: Vault, resident_id: int) -> str:
    try:
        person = accounts.person(session, vault, resident_id)
    except (NotFound, Unreadable):
        return ""
    if person.id_type not in UNIQUE_TYPES or not person.id_number:
        return ""
    return {"female": WOMAN, "male": MAN}.get(sex(person.id_number) or "", "")
