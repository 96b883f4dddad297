"""Wait-list 候补: somebody waits for seats on any day of a range; a couple waits as one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.bookings import companions, generation, holds, offers, policy, residence
from backend.bookings.residence import Residence
from backend.bookings.rules import Rules
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.kernel.i18n import N_, Text
from backend.kernel.quiet import NIGHT
from backend.lifecycles.booking import BookingStatus as S
from backend.models.booking import Booking, BookingSeat, SeatOffer, WaitlistEntry
from backend.models.resident import Resident
from backend.models.station import SlotReturn, Station


@dataclass(frozen=True, slots=True)
class Wait:
    """What somebody waits for. ``plan`` "": the first one not used; the others as in ``holds.Wish``."""

    station: str
    first: date
    last: date
    plan: str = ""
    partner: bool = False
    companion: str = field(default="", repr=False)
    residence: Residence | None = None


@dataclass(frozen=True, slots=True)
class _Person:
    """Who waits, with the linked spouse."""

    id: int
    key: str = field(repr=False)
    spouse: int | None
    index: str | None = field(repr=False)
    spouse_index: str | None = field(repr=False)


def join(session: Session, vault: Vault, *, resident_id: int, wish: Wait, now: datetime) -> int:
    """Begin to wait; the entry's id.

    Errors: 404 station; 409 ``not_open``, ``already_booked``, ``already_waiting``, ``no_partner``, ``plan_used``;
    422 ``bad_range``, ``residence_required``, ``not_resident``.
    """
    station, rules = _station(session, wish.station)
    _check_range(wish, rules, today(now))
    person = _person(session, resident_id)
    holds.check_couple(person.spouse, partner=wish.partner, companion=wish.companion)
    companions.check(wish.companion)
    where = SimpleNamespace(
        county=station.county, residence_months=station.residence_months, shared=bool(rules.town_quotas)
    )
    town = residence.check(where, wish.residence, now=now)
    _check_free(session, person, now)
    _check_alone(session, person)
    plan = _plan(session, person, wish)
    entry_id = ids.new_id(now)
    entry = WaitlistEntry(
        id=entry_id,
        station=wish.station,
        first_day=wish.first,
        last_day=wish.last,
        resident_id=resident_id,
        partner_id=person.spouse if wish.partner else None,
        seats=2 if wish.partner or wish.companion else 1,
        companion=_sealed(vault, person, entry_id, wish.companion),
        plan=plan,
        residence=wish.residence.kind if wish.residence else "",
        town=town,
        active_key=min(resident_id, person.spouse or resident_id),
        created_at=now,
    )
    _write(session, entry)
    return entry_id


def leave(session: Session, *, resident_id: int, entry_id: int, now: datetime) -> int:
    """Wait no longer, either of the couple for both; an offered seat goes to the next. Twice is once."""
    entry = mine(session, resident_id=resident_id, entry_id=entry_id, lock=True)
    if entry.ended_at is None:
        offers.end_entry(session, entry, "left", now=now)
    return entry.id


def mine(session: Session, *, resident_id: int, entry_id: int, lock: bool = False) -> WaitlistEntry:
    """One's own entry or the one of both; ``NotFound`` for anybody else's."""
    query = select(WaitlistEntry).where(WaitlistEntry.id == entry_id, theirs(resident_id))
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("not_found", N_("没有找到这次候补"))
    return row


def theirs(resident_id: int) -> ColumnElement[bool]:
    """The entries of a person: made by either of the couple."""
    return or_(WaitlistEntry.resident_id == resident_id, WaitlistEntry.partner_id == resident_id)


def asks_residence(session: Session, station: str) -> bool:
    """Whether a station wants to know where people live."""
    row, rules = session.get(Station, station), generation.rules_of(session, station)
    return bool((row and row.residence_months) or (rules and rules.town_quotas))


def reason(entry: WaitlistEntry) -> str:
    """Why nothing came of it: silent, declined, single (seats came one by one, a couple needs two), none."""
    if entry.silent:
        return "silent"
    if entry.offers:
        return "declined"
    return "single" if entry.passed else "none"


def end_over(session: Session, *, now: datetime, limit: int) -> int:
    """Entries whose last day is past, and those of couples that are none any more; told by day only. How many."""
    if NIGHT.holds(now):
        return 0
    apart = and_(WaitlistEntry.partner_id.is_not(None), WaitlistEntry.partner_id.is_distinct_from(Resident.partner_id))
    query = select(WaitlistEntry.id).join(Resident, Resident.id == WaitlistEntry.resident_id)
    due = query.where(WaitlistEntry.ended_at.is_(None), or_(WaitlistEntry.last_day < today(now), apart)).limit(limit)
    waiting = (WaitlistEntry.id.in_(session.scalars(due).all()), WaitlistEntry.ended_at.is_(None))
    found = session.scalars(select(WaitlistEntry).where(*waiting).order_by(WaitlistEntry.id).with_for_update()).all()
    for entry in found:
        if entry.last_day < today(now):
            offers.end_over(session, entry, now=now)
        else:
            offers.end_entry(session, entry, "left", now=now)
    return len(found)


def purge(session: Session, *, now: datetime, limit: int) -> int:
    """Erase what ended long ago: entries, offers, lines of the public log; how many of the most."""
    before = now - policy.KEPT
    ended = [
        (WaitlistEntry, WaitlistEntry.ended_at),
        (SeatOffer, SeatOffer.ended_at),
        (SlotReturn, SlotReturn.released_at),
    ]
    return max(_erase(session, table, at < before, limit) for table, at in ended)


def _erase(session: Session, table: Any, which: ColumnElement[bool], limit: int) -> int:
    old = list(session.scalars(select(table.id).where(which).limit(limit)))
    session.execute(delete(table).where(table.id.in_(old)))
    return len(old)


def _station(session: Session, code: str) -> tuple[Station, Rules]:
    station = session.get(Station, code)
    if station is None or not station.active:
        raise NotFound("not_found", N_("没有找到这个服务站"))
    rules = generation.rules_of(session, code)
    if rules is None:
        raise Conflict("not_open", N_("这个服务站还没有开放网上预约，请选别的服务站或打电话"))
    return station, rules


def _check_range(wish: Wait, rules: Rules, on: date) -> None:
    furthest = on + timedelta(days=rules.horizon_days + policy.WAIT_AHEAD)
    wrong: dict[str, Text] = {}
    if wish.first < on:
        wrong["from"] = N_("请从今天或以后的日子开始")
    elif wish.first > furthest:
        wrong["from"] = N_("太远了，请从 %(day)s 或以前的日子开始", day=furthest.isoformat())
    if wish.last < wish.first:
        wrong["to"] = N_("最后一天不能比第一天早")
    elif (wish.last - wish.first).days >= policy.WAIT_DAYS:
        wrong["to"] = N_("一次最多等 %(n)s 天，请把最后一天提前一些", n=policy.WAIT_DAYS)
    if wrong:
        raise Invalid("bad_range", N_("请看看候补的日子"), errors={name: [text] for name, text in wrong.items()})


def _person(session: Session, resident_id: int) -> _Person:
    key, spouse, index = session.execute(
        select(Resident.key, Resident.partner_id, Resident.id_index).where(Resident.id == resident_id)
    ).one()
    other = session.scalar(select(Resident.id_index).where(Resident.id == spouse)) if spouse else None
    return _Person(resident_id, key, spouse, index, other)


def _check_free(session: Session, person: _Person, now: datetime) -> None:
    """Nobody waits who has a booking; nor does whose spouse has one: one active booking a couple."""
    keys = [person.id, person.spouse] if person.spouse else [person.id]
    standing = or_(Booking.status != S.HELD, Booking.held_until > now)
    query = select(BookingSeat.resident_id).join(Booking, Booking.id == BookingSeat.booking_id)
    whose = set(session.scalars(query.where(BookingSeat.active_key.in_(keys), standing)))
    if person.id in whose:
        raise Conflict("already_booked", N_("您已经有一个预约了，可以直接改期；要候补的话请先取消预约"))
    if whose:
        raise Conflict("already_booked", N_("您爱人已经有一个预约了，可以请爱人改期，或者取消以后再候补"))


def _plan(session: Session, person: _Person, wish: Wait) -> str:
    """The plan that was asked for, or the first that nobody of them has used; ``Conflict`` ``plan_used``."""
    people = [(person.id, person.index)] + ([(person.spouse, person.spouse_index)] if wish.partner else [])
    wanted = [wish.plan] if wish.plan else list(policy.PLANS)
    keys = {holds.person_key(who or 0, index, plan): plan for who, index in people for plan in wanted}
    found = session.scalars(select(BookingSeat.plan_key).where(BookingSeat.plan_key.in_(keys)))
    used = {keys[key] for key in found if key}
    left = [plan for plan in wanted if plan not in used]
    if not left:
        raise Conflict("plan_used", N_("这一次怀孕计划的免费检查已经做过了；准备再要孩子的，请选对应的那一次"))
    return left[0]


def _sealed(vault: Vault, person: _Person, entry_id: int, name: str) -> str | None:
    if not name:
        return None
    return vault.person(person.key, person.id).seal_text(name, place("waitlist_entry", "companion", entry_id))


def _check_alone(session: Session, person: _Person) -> None:
    """A person, and a couple, waits once."""
    keys = [person.id, person.spouse] if person.spouse else [person.id]
    query = select(WaitlistEntry.resident_id, WaitlistEntry.partner_id)
    for pair in session.execute(query.where(WaitlistEntry.active_key.in_(keys))):
        if person.id in pair:
            raise _waiting()
        if person.spouse in pair:
            raise Conflict("already_waiting", N_("您爱人已经在候补了，夫妻同时只排一处；想换可以请爱人先退出"))


def _write(session: Session, entry: WaitlistEntry) -> None:
    """The database holds to it when two ask at once."""
    try:
        with session.begin_nested():
            session.add(entry)
    except IntegrityError as taken:
        query = select(WaitlistEntry).where(WaitlistEntry.active_key == entry.active_key).with_for_update()
        other = session.scalars(query).one_or_none()
        if other is None or entry.resident_id in (other.resident_id, other.partner_id) or other.partner_id:
            raise _waiting() from taken
        # A couple no more, whose other half still waits under the key of both: under its own from now on.
        other.active_key = other.resident_id
        session.flush()
        session.add(entry)
        session.flush()


def _waiting() -> Conflict:
    return Conflict("already_waiting", N_("您已经在候补了，一个人（一对夫妻）同时只排一处；想换可以先退出"))
