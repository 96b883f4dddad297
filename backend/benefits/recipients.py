"""Recipients: who receives which benefit, from when, in which amount class; every change is a row of its chain.

Days are half-open: a spell or a term holds from its first day to the first day that is not in it any more, so that
``current_on`` gives the same list for the same day whenever it is asked, but for corrections of the past (an end that
became known later), which the chain shows.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from backend.benefits import accounts, policy
from backend.benefits.policy import Account, Clerk
from backend.catalogue import queries as catalogue
from backend.events import audit, outbox
from backend.kernel import ids
from backend.kernel.actors import SYSTEM, Actor
from backend.kernel.clock import today
from backend.kernel.crypto import Seal, Vault, place
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from backend.kernel.i18n import N_
from backend.models.benefit import BenefitTerm, Recipient
from backend.models.staff import StaffRelative

#: Topics that tell the person what was changed; a change nobody asked for is then noticed by the one it concerns.
ACCOUNT_CHANGED, ENDED, CLASS_CHANGED = "benefit_account_changed", "benefit_ended", "benefit_class_changed"


@dataclass(frozen=True, slots=True)
class Grant:
    """What an approved case gives: the plain values of one decision."""

    application_id: int
    resident_id: int
    helped: bool
    seal: Seal = field(repr=False)
    service_item: str
    village: str
    town: str
    county: str
    holder_masked: str
    person_index: str
    #: "" when no class of the item fits the answers: a clerk has to say which.
    amount_class: str
    account: Account = field(repr=False)
    granted_at: datetime
    #: "" for a benefit that goes on; what tells one grant from another where each is paid once.
    occasion: str = ""


def enrol(session: Session, *, grant: Grant, now: datetime) -> int:
    """Put a person on the list of a benefit, or back on it; the same decision enrols once. The recipient's id.

    A newer case of somebody who is on the list (a higher class, another account) replaces the older one from today.
    """
    who = (Recipient.service_item == grant.service_item, Recipient.person_index == grant.person_index)
    one = Recipient.occasion == grant.occasion
    row = session.scalar(select(Recipient).where(*who, one).with_for_update())
    if row is not None and row.application_id == grant.application_id and row.granted_at >= grant.granted_at:
        return row.id
    if row is None:
        row = _new(grant, now)
        session.add(row)
    begins = row.ended_on is not None or not row.audit_sequence
    _follow(row, grant, now)
    _renew(session, row, begins=begins, now=now)
    return row.id


def _new(grant: Grant, now: datetime) -> Recipient:
    row = Recipient(
        id=ids.new_id(now),
        service_item=grant.service_item,
        person_index=grant.person_index,
        occasion=grant.occasion,
        started_on=today(now),
        audit_sequence=0,
        audit_head="",
        created_at=now,
    )
    _follow(row, grant, now)
    return row


def _follow(row: Recipient, grant: Grant, now: datetime) -> None:
    """What the newest case says holds."""
    row.application_id, row.resident_id = grant.application_id, grant.resident_id
    row.helped, row.granted_at = grant.helped, grant.granted_at
    row.village, row.town, row.county = grant.village, grant.town, grant.county
    row.holder_masked, row.amount_class = grant.holder_masked, grant.amount_class
    row.account = accounts.sealed(grant.seal, grant.account, place(accounts.TABLE, "account", row.id))
    row.updated_at = now


def _renew(session: Session, row: Recipient, *, begins: bool, now: datetime) -> None:
    day = today(now)
    if begins:
        row.started_on, row.ended_on, row.end_reason = day, None, None
    _cut(session, row.id, day)
    _term(session, row, day, act="benefit.enrol" if begins else "benefit.renew", actor=SYSTEM, now=now)


def reopened(session: Session, *, application_id: int, decided_before: datetime, now: datetime) -> None:
    """The decision behind a benefit is open again: it ends today, unless a later decision renewed it meanwhile."""
    row = session.scalar(select(Recipient).where(Recipient.application_id == application_id).with_for_update())
    if row is not None and row.ended_on is None and row.granted_at < decided_before:
        _end(session, row, reason="reopened", on=today(now), actor=SYSTEM, now=now)
        _tell(session, row, ENDED, now)


def end(session: Session, *, clerk: Clerk, recipient_id: int, reason: str, on: date, now: datetime) -> int:
    """End a benefit from a day on, by a clerk who gives a reason; the person is told.

    Errors: 404 outside the jurisdiction, 403 own or not their level, 409 ended already, 422 day or reason.
    """
    row = held(session, clerk, recipient_id)
    _check_end(row, reason=reason, on=on, now=now)
    _end(session, row, reason=reason, on=on, actor=policy.actor(clerk), now=now)
    _tell(session, row, ENDED, now)
    return row.id


def _check_end(row: Recipient, *, reason: str, on: date, now: datetime) -> None:
    if reason not in policy.STAFF_REASONS:
        raise Invalid("invalid_input", N_("请选择原因"), errors={"reason": [N_("请选择原因")]})
    if not row.started_on <= on <= today(now):
        words = N_("日期要在开始领取那天和今天之间")
        raise Invalid("invalid_input", words, errors={"on": [words]})


def _end(session: Session, row: Recipient, *, reason: str, on: date, actor: Actor, now: datetime) -> None:
    row.ended_on, row.end_reason, row.updated_at = on, reason, now
    _cut(session, row.id, on)
    commitment = digest(row.id, reason, on.isoformat())
    audit.append(session, row, act="benefit.end", actor=actor, now=now, commitment=commitment)


def change_account(
    session: Session, vault: Vault, *, clerk: Clerk, recipient_id: int, account: Account, now: datetime
) -> int:
    """Another account for the payments that are not frozen yet; the person is told, whoever asked for it."""
    row = held(session, clerk, recipient_id)
    seal = accounts.seal_of(session, vault, row)
    row.account = accounts.sealed(seal, account, place(accounts.TABLE, "account", row.id))
    row.updated_at = now
    # The sealed form: its nonce salts the commitment, and the person's key closes it.
    commitment = digest(row.account)
    audit.append(session, row, act="benefit.account", actor=policy.actor(clerk), now=now, commitment=commitment)
    _tell(session, row, ACCOUNT_CHANGED, now)
    return row.id


def change_class(
    session: Session, *, clerk: Clerk, recipient_id: int, amount_class: str, on: date, now: datetime
) -> int:
    """Another amount class from a day on, inside the present term; the person is told."""
    row = held(session, clerk, recipient_id)
    benefit = catalogue.definition(session, row.service_item).benefit
    if benefit is None or amount_class not in {one.code for one in benefit.classes}:
        raise Invalid("invalid_input", N_("没有这个档次"), errors={"amount_class": [N_("没有这个档次")]})
    if not _present(session, row.id).from_on <= on <= today(now):
        words = N_("日期要在现在的档次开始那天和今天之间")
        raise Invalid("invalid_input", words, errors={"on": [words]})
    row.amount_class, row.updated_at = amount_class, now
    _cut(session, row.id, on)
    _term(session, row, on, act="benefit.class", actor=policy.actor(clerk), now=now)
    _tell(session, row, CLASS_CHANGED, now)
    return row.id


def held(session: Session, clerk: Clerk, recipient_id: int) -> Recipient:
    """A current recipient of the clerk's jurisdiction, locked, whom this clerk may decide about."""
    row = seen(session, clerk, recipient_id, lock=True)
    policy.check_decides(clerk)
    keep_off(session, clerk, row)
    if row.ended_on is not None:
        raise ended()
    return row


def keep_off(session: Session, clerk: Clerk, row: Recipient) -> None:
    """Nobody acts on their own benefit, nor on that of family they declared."""
    policy.check_own(clerk, row.person_index)
    family = (StaffRelative.staff_id == clerk.id, StaffRelative.person_index == row.person_index)
    if session.scalar(select(StaffRelative.id).where(*family)) is not None:
        raise Forbidden("own_case", N_("不能办理家人的补贴，请交给同事"))


def seen(session: Session, clerk: Clerk, recipient_id: int, *, lock: bool = False) -> Recipient:
    """A recipient of the clerk's jurisdiction; ``NotFound`` for any other."""
    query = select(Recipient).where(Recipient.id == recipient_id, within(clerk))
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise not_found()
    return row


def within(clerk: Clerk) -> ColumnElement[bool]:
    """The recipients of a jurisdiction, as a condition."""
    return {"village": Recipient.village, "town": Recipient.town, "county": Recipient.county}[
        clerk.level
    ] == clerk.region


def not_found() -> NotFound:
    return NotFound("not_found", N_("没有找到，可能已经停了，或者不在您这里"))


def ended() -> Conflict:
    return Conflict("ended_already", N_("这项补贴已经停了，要恢复请重新申请"))


def digest(*values: object) -> str:
    """SHA-256 (hex) of values joined by newlines: what a row of the chain commits to."""
    return hashlib.sha256("\n".join(str(value) for value in values).encode()).hexdigest()


def _term(session: Session, row: Recipient, on: date, *, act: str, actor: Actor, now: datetime) -> None:
    """Begin a term; the chain commits to its row, whose random id salts it."""
    term = BenefitTerm(
        id=ids.new_id(now),
        recipient_id=row.id,
        application_id=row.application_id,
        amount_class=row.amount_class,
        from_on=on,
        to_on=None,
    )
    session.add(term)
    commitment = digest(term.id, term.application_id, term.amount_class, term.from_on.isoformat())
    audit.append(session, row, act=act, actor=actor, now=now, commitment=commitment)


def _cut(session: Session, recipient_id: int, on: date) -> None:
    """No term holds from a day on: those before it end there, those that would begin later hold on no day."""
    mine = BenefitTerm.recipient_id == recipient_id
    open_after = (BenefitTerm.to_on.is_(None)) | (BenefitTerm.to_on > on)
    quiet = {"synchronize_session": False}
    later = update(BenefitTerm).where(mine, BenefitTerm.from_on > on, open_after)
    session.execute(later.values(to_on=BenefitTerm.from_on), execution_options=quiet)
    standing = update(BenefitTerm).where(mine, BenefitTerm.from_on <= on, open_after)
    session.execute(standing.values(to_on=on), execution_options=quiet)


def _present(session: Session, recipient_id: int) -> BenefitTerm:
    """The open term of a current recipient: there is exactly one."""
    return session.scalars(
        select(BenefitTerm).where(BenefitTerm.recipient_id == recipient_id, BenefitTerm.to_on.is_(None))
    ).one()


def _tell(session: Session, row: Recipient, topic: str, now: datetime) -> None:
    key = f"{topic}:{row.id}:{row.audit_sequence}"
    outbox.add(session, topic=topic, subject_id=row.id, dedupe_key=key, now=now)
