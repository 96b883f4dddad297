"""One person's answer: confirmed with one tap, a change for a clerk to look at, a call or a visit that was accepted.

Every way to an answer is a way to stay on the list; silence has no command here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from backend.benefits import accounts, changes, policy, recipients
from backend.benefits.policy import Change, Clerk
from backend.events import audit, outbox
from backend.kernel.actors import Actor
from backend.kernel.clock import today
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.kernel.i18n import N_
from backend.models.benefit import Confirmation, ConfirmationCampaign, Recipient

REVIEWED = "confirmation_reviewed"
APPLICANT = "applicant"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a clerk decided about a change; all empty: nothing changes. ``account``: pay to the one that was told."""

    account: bool = False
    amount_class: str = ""
    class_on: date | None = None
    end_reason: str = ""
    end_on: date | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A confirmation with its recipient."""

    row: Confirmation
    recipient: Recipient


def confirm(session: Session, *, resident_id: int, confirmation_id: int, now: datetime) -> int:
    """ "Nothing has changed": one tap; a second tap changes nothing. The confirmation's id.

    Errors: 404 not one's own, 409 ``campaign_closed``, ``ended_already``, ``change_waiting``.
    """
    pair = own(session, resident_id, confirmation_id, lock=True)
    if pair.row.confirmed_at is not None and pair.row.waiting != "change":
        return pair.row.id
    _check_open(session, pair)
    if pair.row.waiting == "change":
        raise Conflict("change_waiting", N_("您说的变化正在核对，核对完就算确认过了，不用再点"))
    _answered(pair.row, "helper" if pair.recipient.helped else "online", now)
    audit.note(session, pair.recipient, act="confirmation.confirm", actor=_applicant(resident_id), now=now)
    return pair.row.id


def report(
    session: Session, vault: Vault, *, resident_id: int, confirmation_id: int, change: Change, now: datetime
) -> int:
    """Something has changed: a clerk looks at it; until then everything stays as it is. Telling again replaces it."""
    pair = own(session, resident_id, confirmation_id, lock=True)
    _check_open(session, pair)
    _keep(session, vault, pair, change, actor=_applicant(resident_id), now=now)
    return pair.row.id


def answer_offer(session: Session, *, resident_id: int, confirmation_id: int, answer: str, now: datetime) -> int:
    """Accept a call or a visit, or say that none is wanted; the mind may be changed until it was made."""
    pair = own(session, resident_id, confirmation_id, lock=True)
    _check_open(session, pair)
    if answer not in policy.OFFER_ANSWERS:
        raise Invalid("invalid_input", N_("请从给出的选项里选"), errors={"answer": [N_("请从给出的选项里选")]})
    if pair.row.offer in (None, "made") or pair.row.confirmed_at is not None or pair.row.waiting == "change":
        raise Conflict("no_offer", N_("现在没有要回答的，直接确认就行"))
    pair.row.offer = "declined" if answer == "none" else f"accepted_{answer}"
    pair.row.waiting = None if answer == "none" else answer
    act = f"confirmation.offer_{answer}"
    audit.note(session, pair.recipient, act=act, actor=_applicant(resident_id), now=now)
    return pair.row.id


def record(
    session: Session,
    vault: Vault,
    *,
    clerk: Clerk,
    confirmation_id: int,
    way: str,
    change: Change | None = None,
    reached: bool = True,
    now: datetime,
) -> int:
    """A call or visit was made, or somebody of the family called: confirmed, or a change was told.

    ``reached`` False: nobody was met; the offer is done with, and nothing else is kept of it.
    """
    pair = of_jurisdiction(session, clerk, confirmation_id)
    recipients.keep_off(session, clerk, pair.recipient)
    if pair.recipient.ended_on is not None:
        raise recipients.ended()
    if pair.row.confirmed_at is not None and pair.row.waiting is None:
        raise Conflict("confirmed_already", N_("今年已经确认过了"))
    if pair.row.offer is not None:
        pair.row.offer = "made"
    if pair.row.waiting in ("call", "visit"):
        pair.row.waiting = None
    if change is not None:
        _keep(session, vault, pair, change, actor=policy.actor(clerk), now=now)
    elif reached and pair.row.waiting is None:
        _answered(pair.row, way, now)
    audit.note(session, pair.recipient, act=f"confirmation.{way}", actor=policy.actor(clerk), now=now)
    return pair.row.id


def review(
    session: Session,
    vault: Vault,
    *,
    clerk: Clerk,
    confirmation_id: int,
    seen: datetime,
    outcome: Outcome,
    now: datetime,
) -> int:
    """Decide about a change: what it moves is moved, the rest stays; the person is told.

    ``seen``: ``changed_at`` of what the clerk read. Errors: 404, 403 level or own, 409 ``reviewed_already``,
    ``change_renewed``, 422 an outcome that the change does not give.
    """
    pair = of_jurisdiction(session, clerk, confirmation_id)
    policy.check_decides(clerk)
    recipients.keep_off(session, clerk, pair.recipient)
    if pair.row.waiting != "change":
        raise Conflict("reviewed_already", N_("这个变化已经有人核对过了"))
    if pair.row.changed_at != seen:
        raise Conflict("change_renewed", N_("对方刚刚改了说法，请重新看一遍再决定"))
    moved = _apply(session, vault, clerk, pair, outcome, now)
    pair.row.reviewed_at, pair.row.reviewed_by, pair.row.waiting = now, clerk.id, None
    if pair.row.confirmed_at is None:
        pair.row.confirmed_at, pair.row.confirmed_way = now, "review"
    audit.note(session, pair.recipient, act="confirmation.review", actor=policy.actor(clerk), now=now)
    if not moved:
        key = f"{REVIEWED}:{pair.row.id}:{pair.recipient.audit_sequence}"
        outbox.add(session, topic=REVIEWED, subject_id=pair.row.id, dedupe_key=key, now=now)
    return pair.row.id


def _apply(session: Session, vault: Vault, clerk: Clerk, pair: Pair, outcome: Outcome, now: datetime) -> bool:
    """Carry an outcome out by the commands that any clerk has; whether anything was moved."""
    who = pair.recipient.id
    if outcome.account:
        change = changes.opened(accounts.seal_of(session, vault, pair.recipient), pair.row)
        if change is None or change.account is None:
            words = N_("对方没有说换账户")
            raise Invalid("invalid_input", words, errors={"account": [words]})
        recipients.change_account(session, vault, clerk=clerk, recipient_id=who, account=change.account, now=now)
    if outcome.amount_class:
        on = outcome.class_on or today(now)
        recipients.change_class(
            session, clerk=clerk, recipient_id=who, amount_class=outcome.amount_class, on=on, now=now
        )
    if outcome.end_reason:
        on = outcome.end_on or today(now)
        recipients.end(session, clerk=clerk, recipient_id=who, reason=outcome.end_reason, on=on, now=now)
    return outcome.account or bool(outcome.amount_class) or bool(outcome.end_reason)


def own(session: Session, resident_id: int, confirmation_id: int, *, lock: bool = False) -> Pair:
    """One's own confirmation; ``NotFound`` for anyone else's."""
    query = _pairs().where(Confirmation.id == confirmation_id, Recipient.resident_id == resident_id)
    return _one(session, query, lock=lock)


def of_jurisdiction(session: Session, clerk: Clerk, confirmation_id: int, *, lock: bool = True) -> Pair:
    """A confirmation of the clerk's jurisdiction; ``NotFound`` for any other."""
    query = _pairs().where(Confirmation.id == confirmation_id, recipients.within(clerk))
    return _one(session, query, lock=lock)


def _pairs() -> Select[Confirmation, Recipient]:
    return select(Confirmation, Recipient).join(Recipient, Recipient.id == Confirmation.recipient_id)


def _one(session: Session, query: Select[Confirmation, Recipient], *, lock: bool) -> Pair:
    found = session.execute(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFound("not_found", N_("没有找到这次年审，可能不是您的"))
    return Pair(*found)


def _check_open(session: Session, pair: Pair) -> None:
    if pair.recipient.ended_on is not None:
        raise recipients.ended()
    closed = select(ConfirmationCampaign.closed_at).where(ConfirmationCampaign.id == pair.row.campaign_id)
    if session.scalar(closed) is not None:
        raise Conflict("campaign_closed", N_("这次年审已经结束，补贴不受影响，下一次会再告诉您"))


def _answered(row: Confirmation, way: str, now: datetime) -> None:
    row.confirmed_at, row.confirmed_way, row.waiting, row.next_at = now, way, None, None


def _keep(session: Session, vault: Vault, pair: Pair, change: Change, *, actor: Actor, now: datetime) -> None:
    """Seal a change and put it before a clerk."""
    row = pair.row
    row.change = changes.sealed(accounts.seal_of(session, vault, pair.recipient), change, row)
    row.changed_at, row.waiting, row.next_at = now, "change", None
    row.reviewed_at = row.reviewed_by = None
    audit.note(session, pair.recipient, act="confirmation.change", actor=actor, now=now)


def _applicant(resident_id: int) -> Actor:
    return Actor(APPLICANT, APPLICANT, resident_id)
