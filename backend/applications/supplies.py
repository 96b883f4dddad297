"""Supplies 药具: handed over at any point against the code, once, or posted; nothing says what was taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.applications import policy, records
from backend.applications.claims import actor
from backend.applications.policy import Reviewer
from backend.catalogue import queries as catalogue
from backend.certificates import queries as certificates, service as issued
from backend.events import audit
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.i18n import N_
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.application import Application
from backend.models.service import Collection

PICKUP, MAIL = "pickup", "mail"
#: What a used code's certificate is revoked as.
COLLECTED = "collected"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel to post; ``lines``: (label, value) of whom it goes to, only on the parcel's own page."""

    id: int
    number: str
    asked_at: datetime
    done_at: datetime | None
    lines: tuple[tuple[str, str], ...] = ()


def check_turn(session: Session, case: records.Case, *, now: datetime) -> None:
    """One request in so many days; ``Conflict`` ``too_soon`` says from when on."""
    rule = case.definition.collecting
    if rule is None:
        return
    since = now - timedelta(days=rule.every_days)
    last = session.scalar(
        select(Application.submitted_at)
        .where(
            Application.resident_id == case.row.resident_id,
            Application.service_item == case.row.service_item,
            Application.status.in_((S.APPROVED, S.ISSUED)),
            Application.submitted_at > since,
        )
        .order_by(Application.submitted_at.desc())
        .limit(1)
    )
    if last is not None:
        day = today(last) + timedelta(days=rule.every_days)
        raise Conflict("too_soon", N_("这个月已经申领过，%(day)s起可以再领；填好的内容都在", day=day))


def prepare(session: Session, vault: Vault, *, application_id: int, now: datetime) -> None:
    """After the approval: a parcel for those who asked for one. Doing it again changes nothing."""
    row = session.get(Application, application_id)
    if row is None or row.status not in (S.APPROVED, S.ISSUED):
        return
    rule = catalogue.definition(session, row.service_item, row.service_item_version).collecting
    if rule is None or _of(session, application_id) is not None:
        return
    case = records.whole(session, vault, row)
    if case.answers().get(rule.question) == rule.mail:
        parcel = _collection(row, case.definition.retention_days, now)
        parcel.way = MAIL
        session.add(parcel)


def hand_over(session: Session, *, clerk: Reviewer, number: str, now: datetime) -> int:
    """Supplies against the certificate ``number`` (checked by the edge); the code is used up. The case's id.

    Errors: 404 of another county or unknown, 409 ``not_collectable``, ``already_collected``.
    """
    found = certificates.application_of(session, number)
    row = session.get(Application, found, with_for_update=True) if found else None
    if row is None or row.county != county_of(clerk):
        raise Conflict("already_collected", N_("这个码已经领过或者作废了，请本人看看手机上的状态"))
    definition = catalogue.definition(session, row.service_item, row.service_item_version)
    if definition.collecting is None:
        raise Conflict("not_collectable", N_("这是一张证件，不是领取码"))
    parcel = _of(session, row.id)
    if parcel is not None and parcel.done_at is not None:
        raise Conflict("already_collected", N_("这一份已经寄出或领走了"))
    if parcel is None:
        parcel = _collection(row, definition.retention_days, now)
        session.add(parcel)
    parcel.way = PICKUP
    _done(session, row, parcel, clerk, now)
    return row.id


def post(session: Session, *, clerk: Reviewer, collection_id: int, now: datetime) -> int:
    """A parcel went out; pressing twice changes nothing. The case's id."""
    parcel = _parcel(session, clerk, collection_id)
    row = session.get_one(Application, parcel.application_id, with_for_update=True)
    session.refresh(parcel)
    if parcel.done_at is None:
        _done(session, row, parcel, clerk, now)
    return row.id


def parcels(session: Session, *, clerk: Reviewer, after: int = 0, limit: int = 50) -> list[Parcel]:
    """What waits to be posted in the county, oldest first, without a name or an address."""
    query = (
        select(Collection, Application.number)
        .join(Application, Application.id == Collection.application_id)
        .where(Collection.county == county_of(clerk), Collection.done_at.is_(None), Collection.id > after)
        .order_by(Collection.id)
        .limit(limit)
    )
    return [_shown(parcel, number or "") for parcel, number in session.execute(query)]


def open_parcel(session: Session, vault: Vault, *, clerk: Reviewer, collection_id: int, now: datetime) -> Parcel:
    """To whom a parcel goes, to write its label; the look is one row of the case's record."""
    parcel = _parcel(session, clerk, collection_id)
    row = session.get_one(Application, parcel.application_id)
    case = records.whole(session, vault, row)
    answers = case.answers()
    wanted = [field for field in case.definition.form if field.when is not None and field.name in answers]
    audit.note(session, row, act="look.parcel", actor=actor(clerk), now=now)
    return _shown(parcel, row.number or "", tuple((field.label, str(answers[field.name])) for field in wanted))


def purge(session: Session, *, now: datetime, limit: int) -> int:
    """Forget collections whose days are over; how many."""
    due = session.scalars(select(Collection.id).where(Collection.purge_at <= now).limit(limit)).all()
    if due:
        session.execute(delete(Collection).where(Collection.id.in_(due)))
    return len(due)


def county_of(clerk: Reviewer) -> str:
    """The county of an office, whatever its level."""
    return f"{clerk.region[:6]}000000"


def _of(session: Session, application_id: int) -> Collection | None:
    return session.scalar(select(Collection).where(Collection.application_id == application_id))


def _parcel(session: Session, clerk: Reviewer, collection_id: int) -> Collection:
    found = session.get(Collection, collection_id)
    if found is None or found.county != county_of(clerk) or policy.rank(clerk.level) < policy.rank("county"):
        raise NotFound("not_found", N_("没有这个包裹"))
    return found


def _collection(row: Application, days: int, now: datetime) -> Collection:
    over = now + timedelta(days=days)
    return Collection(id=ids.new_id(now), application_id=row.id, county=row.county, asked_at=now, purge_at=over)


def _done(session: Session, row: Application, parcel: Collection, clerk: Reviewer, now: datetime) -> None:
    parcel.done_at, parcel.post = now, clerk.post
    issued.revoke_for(session, application_id=row.id, reason=COLLECTED, now=now)
    audit.note(session, row, act="collection.made", actor=actor(clerk), now=now)


def _shown(parcel: Collection, number: str, lines: tuple[tuple[str, str], ...] = ()) -> Parcel:
    return Parcel(parcel.id, number, parcel.asked_at, parcel.done_at, lines)
