"""The ledger of rewards 奖励: two people let a claim be paid, once, on a later day. It knows no tip."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.events import moves
from backend.kernel import sealing
from backend.kernel.crypto import Unreadable
from backend.kernel.errors import Conflict, Forbidden, NotFound
from backend.kernel.i18n import N_
from backend.kernel.workdays import Calendar
from backend.lifecycles.tip import REWARD, RewardStatus
from backend.models.tip import Investigator, Reward
from backend.tips import claims
from backend.tips.claims import Payee
from backend.tips.unlocking import Opener

ROLE = "investigator"
#: Days between the second signature and the payment: drawn, so that the day of a payment says nothing.
SOONEST, LATEST = 3, 30
WAITING = (RewardStatus.CLAIMED, RewardStatus.RELEASED)
DONE = (RewardStatus.PAID,)


@dataclass(frozen=True, slots=True)
class Line:
    """One reward as the ledger knows it. ``month``: its first day; ``mine``: whether this one released it already."""

    id: str
    claim_number: str
    amount: int
    way: str
    status: str
    month: date
    released: int
    mine: bool
    pay_on: date | None
    #: May be paid today.
    due: bool
    allowed: list[str] = field(default_factory=list)


def listing(session: Session, *, who: Investigator, done: bool, after: str | None, limit: int, day: date) -> list[Line]:
    """Rewards of the county that wait for something, or that were paid; in no order that says anything."""
    statuses = [status.value for status in (DONE if done else WAITING)]
    query = select(Reward).where(Reward.county == who.county, Reward.status.in_(statuses))
    if after is not None:
        query = query.where(Reward.id > after)
    return [_line(row, who.id, day) for row in session.scalars(query.order_by(Reward.id).limit(limit + 1))]


def release(session: Session, *, who: Investigator, reward_id: str, calendar: Calendar, day: date) -> Line:
    """Sign that it may be paid; the second signature of another person draws the day. Again by the same: nothing."""
    row = _load(session, who, reward_id)
    if who.id in (row.first_release, row.second_release):
        return _line(row, who.id, day)
    REWARD.check("release", row.status, ROLE)
    if row.first_release is None:
        row.first_release = who.id
        return _line(row, who.id, day)
    row.second_release, row.pay_on = who.id, pay_day(calendar, day)
    moves.mark(row, "release", lifecycle=REWARD, role=ROLE, day=day.replace(day=1))
    return _line(row, who.id, day)


def pay_day(calendar: Calendar, day: date) -> date:
    """A random working day, 3 to 30 days later."""
    days = [day + timedelta(days=step) for step in range(SOONEST, LATEST + 1)]
    return secrets.choice([one for one in days if calendar.is_workday(one)] or days)


def find(session: Session, *, who: Investigator, claim_number: str) -> str:
    """The id of a claim number, as somebody brings it to the counter."""
    query = select(Reward.id).where(Reward.claim_number == claim_number, Reward.county == who.county)
    found = session.scalar(query)
    if found is None:
        raise claims.not_found()
    return found


def pay(session: Session, *, who: Investigator, reward_id: str, proof: str | None, day: date) -> Line:
    """Paid, once: at the counter against the proof (``vouchers.kept``); the name of a payee is destroyed with it."""
    row = _load(session, who, reward_id)
    if row.way == claims.COUNTER and not hmac.compare_digest(row.proof, proof or ""):
        raise Forbidden("wrong_proof", N_("领奖凭码不对，请对照他写下的 12 位数字再看一遍"))
    if row.status == RewardStatus.PAID:
        raise Conflict("already_paid", N_("这一笔已经付过了，不能再付"))
    REWARD.check("pay", row.status, ROLE)
    if row.pay_on is None or day < row.pay_on:
        raise Conflict("not_yet", N_("还没到付款的日子，最早 %(day)s", day=str(row.pay_on)))
    moves.mark(row, "pay", lifecycle=REWARD, role=ROLE, day=day)
    row.payee = None
    return _line(row, who.id, day)


def payee(session: Session, *, opener: Opener, reward_id: str) -> Payee:
    """Name and account of a transfer, for the reward officer whose key is open. ``NotFound`` for everybody else."""
    row = session.get(Reward, reward_id)
    sealed = orjson.loads(row.payee) if row and row.payee and row.county == opener.county else {}
    if opener.id not in sealed:
        raise NotFound("reward_not_found", N_("没有要您转账的名字和账号"))
    try:
        content = sealing.unpad(sealing.open_from(opener.private, bytes.fromhex(sealed[opener.id])))
    except Unreadable as error:
        raise NotFound("reward_not_found", N_("没有要您转账的名字和账号")) from error
    return Payee(**orjson.loads(content))


def _load(session: Session, who: Investigator, reward_id: str) -> Reward:
    row = session.get(Reward, reward_id)
    if row is None or row.county != who.county:
        raise claims.not_found()
    return row


def _line(row: Reward, who: str, day: date) -> Line:
    signed: Sequence[str] = [one for one in (row.first_release, row.second_release) if one is not None]
    due = row.status == RewardStatus.RELEASED and row.pay_on is not None and row.pay_on <= day
    allowed = [
        name
        for name in REWARD.allowed(row.status, ROLE)
        if (name == "release" and who not in signed) or (name == "pay" and due)
    ]
    return Line(
        id=row.id,
        claim_number=row.claim_number,
        amount=row.amount,
        way=row.way or "",
        status=row.status,
        month=row.moved_on.replace(day=1),
        released=len(signed),
        mine=who in signed,
        pay_on=row.pay_on,
        due=due,
        allowed=allowed,
    )
