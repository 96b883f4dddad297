"""Claiming a reward 奖励 with what only the receipt code opens: the first that the ledger hears of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import orjson
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.events import moves
from backend.kernel import sealing
from backend.kernel.errors import Collision, Conflict, Invalid, NotFound
from backend.kernel.i18n import N_, Text
from backend.kernel.text import clean
from backend.lifecycles.tip import REWARD, KeyStatus, RewardStatus
from backend.models.tip import Investigator, Reward
from backend.tips import entries, recipients, vouchers
from backend.tips.entries import Entry
from backend.tips.keys import TipKeys
from backend.tips.vouchers import Voucher

COUNTER, CHARITY, TRANSFER = "counter", "charity", "transfer"
WAYS = (COUNTER, CHARITY, TRANSFER)


@dataclass(frozen=True, slots=True)
class Claim:
    """How a voucher stands. ``way``, ``pay_on``: once it is claimed, once it is released."""

    voucher: Voucher = field(repr=False)
    status: str
    way: str | None
    pay_on: date | None
    #: Whether another way may be chosen.
    open: bool


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid by transfer; known to the reward officer alone."""

    name: str = field(repr=False)
    bank: str = field(repr=False)
    account: str = field(repr=False)


def voucher_of(keys: TipKeys, found: Sequence[Entry], private: bytes) -> Voucher | None:
    """The voucher in a mailbox; ``None`` where no reward was given."""
    boxes = [one.content["box"] for one in found if one.kind == entries.REWARD and one.content]
    return vouchers.read(keys, boxes[0], private) if boxes else None


def look(session: Session, *, voucher: Voucher, day: date) -> Claim:
    """How it stands; reads only."""
    row = _row(session, voucher)
    if row is None:
        status = RewardStatus.LAPSED if day > voucher.until else RewardStatus.OFFERED
        return Claim(voucher, status.value, None, None, status == RewardStatus.OFFERED)
    return _claim(voucher, row)


def claim(
    session: Session, *, voucher: Voucher, way: str, proof: str, payee: dict[str, str] | None, day: date
) -> Claim:
    """Write it into the ledger; again it changes nothing, another way or account is taken until somebody released it.

    ``proof``: ``vouchers.kept``; ``payee``: for ``transfer``, from ``seal_payee``. ``Conflict``: too late.
    """
    row = _row(session, voucher)
    if row is None:
        if day > voucher.until:
            raise Conflict("reward_lapsed", N_("已经过了领的期限，这笔奖励不能再领了"))
        row = _write(session, voucher, proof, day)
    elif not _open(row):
        if row.way == way != TRANSFER:
            return _claim(voucher, row)
        raise Conflict("already_claimed", N_("已经按您选的办法在办了，不能再改"))
    row.way, row.payee = way, orjson.dumps(payee) if payee else None
    return _claim(voucher, row)


def officers(session: Session, *, county: str) -> dict[str, bytes]:
    """Id → public key of those who see who is paid by transfer; empty: that way is not offered."""
    query = select(Investigator.id, Investigator.public).where(
        Investigator.county == county,
        Investigator.status == KeyStatus.ACTIVE.value,
        Investigator.duty == recipients.PAY,
    )
    return {row.id: row.public for row in session.execute(query)}


def payee_of(typed: dict[str, str]) -> Payee:
    """What was typed, checked; ``Invalid`` with every field that is wrong."""
    errors: dict[str, list[Text]] = {}
    name, bank = _line(typed, "name", 50, errors), _line(typed, "bank", 60, errors)
    account = "".join(_line(typed, "account", 60, errors).split()).replace("-", "")
    if "account" not in errors and not (account.isascii() and account.isdigit() and 8 <= len(account) <= 30):
        errors["account"] = [N_("银行账号是 8 到 30 位数字，请对照银行卡再看一遍")]
    if errors:
        raise Invalid("invalid_input", N_("收款的名字、银行、账号都要填对，才能转账"), errors=errors)
    return Payee(name, bank, account)


def seal_payee(payee: Payee, *, to: dict[str, bytes]) -> dict[str, str]:
    """Officer's id → sealed name and account (hex), of one length for all."""
    content = sealing.pad(orjson.dumps({"name": payee.name, "bank": payee.bank, "account": payee.account}))
    return {officer: sealing.seal_to(public, content).hex() for officer, public in sorted(to.items())}


def not_found() -> NotFound:
    return NotFound("reward_not_found", N_("没有这笔奖励"))


def _row(session: Session, voucher: Voucher) -> Reward | None:
    return session.scalar(select(Reward).where(Reward.claim_number == voucher.number))


def _write(session: Session, voucher: Voucher, proof: str, day: date) -> Reward:
    row = Reward(
        id=entries.new_id(),
        status=RewardStatus.OFFERED.value,
        county=voucher.county,
        claim_number=voucher.number,
        amount=voucher.amount,
        proof=proof,
        moved_on=day,
    )
    # The month is all that the ledger needs: a day could be laid beside that of a move of a tip.
    moves.mark(row, "claim", lifecycle=REWARD, role="reporter", day=day.replace(day=1))
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Collision from error
    return row


def _claim(voucher: Voucher, row: Reward) -> Claim:
    return Claim(voucher, row.status, row.way, row.pay_on, _open(row))


def _open(row: Reward) -> bool:
    return row.status == RewardStatus.CLAIMED and row.first_release is None


def _line(typed: dict[str, str], field_name: str, longest: int, errors: dict[str, list[Text]]) -> str:
    try:
        return clean(typed.get(field_name, ""), max_length=longest)
    except ValueError as wrong:
        errors[field_name] = [getattr(wrong, "text", N_("请填写"))]
        return ""
