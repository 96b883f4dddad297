"""Visits at home 上门: offered by the office, agreed by the resident, made, or called off without any consequence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, defer

from backend.applications import claims, hands, records, routing
from backend.applications.policy import Reviewer
from backend.catalogue import queries as catalogue
from backend.events import audit, outbox
from backend.kernel import ids
from backend.kernel.clock import local
from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.kernel.i18n import N_
from backend.kernel.workdays import Calendar
from backend.lifecycles.application import REVIEWABLE, ApplicationStatus as S
from backend.models.application import Application
from backend.models.service import HomeVisit
from backend.notifications import staff as inbox

OFFERED, CANCELLED, REMINDER = "visit_offered", "visit_cancelled", "visit_reminder"
OPENS, CLOSES = time(8), time(18)
#: A visit is offered for one of the next days, not for next year.
HORIZON = timedelta(days=60)
#: The evening before is when people plan their day.
REMIND_BEFORE = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class VisitCard:
    """One visit as both sides see it; ``state``: offered, agreed, made, cancelled."""

    id: int
    number: str
    holder_masked: str
    region: str
    starts_at: datetime
    ends_at: datetime
    state: str
    by_office: bool
    #: The day has come: it can be marked as made.
    over: bool

    def actions(self, *, staff: bool) -> list[str]:
        """What this side may do now."""
        if self.state in ("made", "cancelled"):
            return []
        if staff:
            return ["make", "cancel"] if self.over else ["cancel"]
        return ["agree", "cancel"] if self.state == "offered" else ["cancel"]


def offer(
    session: Session, *, calendar: Calendar, reviewer: Reviewer, number: str, starts_at: datetime, now: datetime
) -> int:
    """Offer a time; an earlier offer of the case gives way to it. The visit's id.

    Errors: 404, 403 own case, 409 ``no_visit`` item or state, 422 a time outside working hours or the next 60 days.
    """
    row = claims.in_jurisdiction(session, reviewer, number)
    hands.check_parties(session, reviewer, row)
    minutes = catalogue.definition(session, row.service_item, row.service_item_version).visit_minutes
    if minutes is None or not _arrangeable(reviewer, row, now):
        raise Conflict("no_visit", N_("先领办这件申请，再约上门时间；已经办结的不能再约"))
    _check_time(calendar, starts_at, starts_at + timedelta(minutes=minutes), now)
    for earlier in _standing(session, row.id):
        earlier.cancelled_at, earlier.cancelled_by = now, "office"
    visit = HomeVisit(
        id=ids.new_id(now),
        application_id=row.id,
        resident_id=row.resident_id,
        town=row.town,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        offered_by=reviewer.id,
    )
    session.add(visit)
    audit.note(session, row, act="visit.offer", actor=claims.actor(reviewer), now=now)
    _tell(session, OFFERED, visit, now)
    return visit.id


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a message about a visit goes to and what it may mention; ``starts_at``: the visit."""

    resident_id: int
    application_id: int
    number: str
    params: dict[str, str | date]
    starts_at: datetime


def facts(session: Session, *, visit_id: int, topic: str, phone: str, now: datetime) -> Told | None:
    """What a message says; ``None`` when it would come too late, or say what is no longer so."""
    visit = session.get(HomeVisit, visit_id)
    wanted = ("cancelled",) if topic == CANCELLED else ("offered", "agreed")
    if visit is None or _state(visit) not in wanted or visit.starts_at <= now:
        return None
    row = session.get_one(Application, visit.application_id)
    begin = local(visit.starts_at)
    service = catalogue.definition(session, row.service_item, row.service_item_version).name
    office = routing.offices(session, row).get("town")
    params: dict[str, str | date] = {
        "service": service,
        "number": row.number or "",
        "phone": (office.phone if office else "") or phone,
        "on": begin.date(),
        "at": f"{begin:%H:%M}",
    }
    return Told(visit.resident_id, row.id, row.number or "", params, visit.starts_at)


def agree(session: Session, *, resident_id: int, application_id: int, visit_id: int, now: datetime) -> int:
    """The resident takes the time; a second tap changes nothing."""
    visit = _mine(session, resident_id, application_id, visit_id)
    _check_standing(visit, now)
    if visit.agreed_at is None:
        visit.agreed_at = now
        _tell_clerk(session, "visit_agreed", visit, now)
    return visit.id


def decline(session: Session, *, resident_id: int, application_id: int, visit_id: int, now: datetime) -> int:
    """The resident cannot, or does not want to: the office hears it and may offer another time."""
    visit = _mine(session, resident_id, application_id, visit_id)
    if visit.cancelled_at is None:
        _check_standing(visit, now)
        visit.cancelled_at, visit.cancelled_by = now, "resident"
        _tell_clerk(session, "visit_declined", visit, now)
    return visit.id


def call_off(session: Session, *, reviewer: Reviewer, number: str, visit_id: int, now: datetime) -> int:
    """The office cannot come; the resident is told."""
    row, visit = _of_case(session, reviewer, number, visit_id)
    if visit.cancelled_at is None and visit.made_at is None:
        visit.cancelled_at, visit.cancelled_by = now, "office"
        audit.note(session, row, act="visit.cancel", actor=claims.actor(reviewer), now=now)
        _tell(session, CANCELLED, visit, now)
    return visit.id


def made(session: Session, *, reviewer: Reviewer, number: str, visit_id: int, now: datetime) -> int:
    """The visit took place."""
    row, visit = _of_case(session, reviewer, number, visit_id)
    if visit.cancelled_at is not None or visit.starts_at > now:
        raise Conflict("not_yet", N_("还没到约好的时间，或者已经取消了"))
    if visit.made_at is None:
        visit.made_at = now
        audit.note(session, row, act="visit.made", actor=claims.actor(reviewer), now=now)
    return visit.id


def remind(session: Session, *, now: datetime, limit: int) -> int:
    """Tell people the evening before that somebody comes; once. How many."""
    soon = (HomeVisit.starts_at > now, HomeVisit.starts_at <= now + REMIND_BEFORE, HomeVisit.reminded_at.is_(None))
    agreed = (HomeVisit.agreed_at.is_not(None), HomeVisit.cancelled_at.is_(None))
    due = session.scalars(select(HomeVisit).where(*soon, *agreed).limit(limit).with_for_update(skip_locked=True)).all()
    for visit in due:
        visit.reminded_at = now
        _tell(session, REMINDER, visit, now)
    return len(due)


def of_case(session: Session, application_id: int, *, now: datetime) -> list[VisitCard]:
    """The visits of a case, the standing one first, then newest first."""
    cards = _cards(HomeVisit.application_id == application_id)
    standing_first = cards.order_by(HomeVisit.cancelled_at.is_not(None), HomeVisit.id.desc())
    return [_card(visit, case, now) for visit, case in session.execute(standing_first)]


def agenda(session: Session, *, reviewer: Reviewer, now: datetime, limit: int = 100) -> list[VisitCard]:
    """Today's and coming visits of the jurisdiction, and past ones that nobody has marked."""
    place = {"town": HomeVisit.town, "county": Application.county, "village": Application.village}[reviewer.level]
    standing = (HomeVisit.cancelled_at.is_(None), HomeVisit.made_at.is_(None))
    recent = HomeVisit.starts_at > now - timedelta(days=14)
    query = _cards(place == reviewer.region, recent, *standing).order_by(HomeVisit.starts_at, HomeVisit.id)
    return [_card(visit, case, now) for visit, case in session.execute(query.limit(limit))]


def _cards(*conditions: ColumnElement[bool]) -> Select[HomeVisit, Application]:
    joined = select(HomeVisit, Application).join(Application, Application.id == HomeVisit.application_id)
    unread = (defer(Application.answers, raiseload=True), defer(Application.holder, raiseload=True))
    return joined.where(*conditions).options(*unread)


def _card(visit: HomeVisit, case: Application, now: datetime) -> VisitCard:
    return VisitCard(
        visit.id,
        case.number or "",
        case.holder_masked,
        case.region,
        visit.starts_at,
        visit.ends_at,
        _state(visit),
        visit.cancelled_by == "office",
        visit.starts_at <= now,
    )


def _state(visit: HomeVisit) -> str:
    if visit.made_at is not None:
        return "made"
    if visit.cancelled_at is not None:
        return "cancelled"
    return "agreed" if visit.agreed_at is not None else "offered"


def _arrangeable(reviewer: Reviewer, row: Application, now: datetime) -> bool:
    if row.status in REVIEWABLE:
        return claims.holds(reviewer, row, now)
    return row.status in (S.APPROVED, S.ISSUED)


def _check_time(calendar: Calendar, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    begin, end = local(starts_at), local(ends_at)
    words = None
    if not now < starts_at <= now + HORIZON:
        words = N_("请约从现在起 60 天以内的时间")
    elif not calendar.is_workday(begin.date()):
        words = N_("这一天不上班，请换一个工作日")
    elif begin.time() < OPENS or end.time() > CLOSES or end.date() != begin.date():
        words = N_("请约在 8:00 到 18:00 之间，留够上门的时间")
    if words is not None:
        raise Invalid("bad_time", words, errors={"starts_at": [words]})


def _standing(session: Session, application_id: int) -> list[HomeVisit]:
    query = select(HomeVisit).where(
        HomeVisit.application_id == application_id, HomeVisit.cancelled_at.is_(None), HomeVisit.made_at.is_(None)
    )
    return list(session.scalars(query))


def _mine(session: Session, resident_id: int, application_id: int, visit_id: int) -> HomeVisit:
    visit = session.get(HomeVisit, visit_id, with_for_update=True)
    if visit is None or (visit.resident_id, visit.application_id) != (resident_id, application_id):
        raise records.not_found()
    return visit


def _of_case(session: Session, reviewer: Reviewer, number: str, visit_id: int) -> tuple[Application, HomeVisit]:
    row = claims.in_jurisdiction(session, reviewer, number)
    hands.check_parties(session, reviewer, row)
    visit = session.get(HomeVisit, visit_id)
    if visit is None or visit.application_id != row.id:
        raise NotFound("not_found", N_("没有这次上门"))
    return row, visit


def _check_standing(visit: HomeVisit, now: datetime) -> None:
    if visit.cancelled_at is not None or visit.made_at is not None or visit.starts_at <= now:
        raise Conflict("visit_over", N_("这个时间已经取消或过去了，要改时间请打电话"))


def _tell(session: Session, topic: str, visit: HomeVisit, now: datetime) -> None:
    outbox.add(session, topic=topic, subject_id=visit.id, dedupe_key=f"{topic}:{visit.id}", now=now)


def _tell_clerk(session: Session, kind: str, visit: HomeVisit, now: datetime) -> None:
    number = session.scalar(select(Application.number).where(Application.id == visit.application_id))
    facts = {"number": number or "", "at": visit.starts_at.isoformat()}
    inbox.tell(session, staff_id=visit.offered_by, kind=kind, event=str(visit.id), facts=facts, now=now)
