"""What the API and the pages of the tip line share of a reward: what lies in the mailbox, and how it is claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from backend.kernel.errors import Conflict, Invalid
from backend.kernel.i18n import N_, Text
from backend.lifecycles.tip import REWARD, RewardStatus
from backend.tips import claims, mailboxes, vouchers
from backend.tips.claims import CHARITY, COUNTER, TRANSFER, Claim
from backend.tips.entries import Entry
from backend.tips.tokens import Holder
from backend.tips.vouchers import Voucher
from backend.web.tips_context import line
from backend.web.words import say

LABELS: dict[str, Text] = {
    COUNTER: N_("到柜台领现金"),
    CHARITY: N_("捐给慈善"),
    TRANSFER: N_("转到银行账户"),
}
WORDS: dict[str, Text] = {
    COUNTER: N_("不问姓名，只对号码。但是柜台的人看得见您的脸，也可能有摄像头。可以请信得过的人代领。"),
    CHARITY: N_("钱不经您的手，没有人会知道您是谁。这是最稳妥的办法。"),
    TRANSFER: N_("要写姓名和账号。只有一位管奖励的人能看，付完就销毁，但他和银行会知道您是谁，银行的记录我们删不掉。"),
}
STEPS: dict[str, Text] = {
    RewardStatus.OFFERED: N_("选一种领的办法。不急，日子隔得越久，越没有人能猜到是哪一件。"),
    RewardStatus.CLAIMED: N_("要两个人都同意才付，这里会写从哪天起。同意以前还可以换一种办法。"),
    RewardStatus.PAID: N_("已经付了。"),
    RewardStatus.LAPSED: N_("过了期限没有领，不能再领了。"),
}
RELEASED: dict[str, Text] = {
    COUNTER: N_("从这一天起，带上领奖号码和凭码去领，不用带证件。柜台在哪里，打电话问，不用说您是谁。"),
    CHARITY: N_("从这一天起捐出，不用您做什么。"),
    TRANSFER: N_("从这一天起转账，不用您做什么。"),
}


def shown(session: Session, holder: Holder, found: Sequence[Entry]) -> dict[str, Any] | None:
    """The reward of an opened mailbox; ``None`` where there is none."""
    at = line()
    voucher = claims.voucher_of(at.keys, found, holder.private)
    if voucher is None:
        return None
    return _said(session, claims.look(session, voucher=voucher, day=at.today))


def look(holder: Holder) -> dict[str, Any]:
    """The same on its own; ``Conflict`` where there is none."""
    with line().db.reading() as session:
        return _said(session, claims.look(session, voucher=_voucher(session, holder), day=line().today))


def claim(holder: Holder, *, way: str, payee: Mapping[str, str] | None) -> dict[str, Any]:
    """Choose how to be paid. One Argon2 outside the transaction; a second tap changes nothing."""
    at = line()
    with at.db.reading() as session:
        voucher = _voucher(session, holder)
        officers = claims.officers(session, county=voucher.county)
    sealed = _sealed(payee, officers) if way == TRANSFER else None
    proof = vouchers.kept(at.keys, number=voucher.number, proof=voucher.proof)
    # Once is enough, however often it runs: a lost COMMIT may be tried again.
    made = at.db.transact_once(claims.claim, voucher=voucher, way=way, proof=proof, payee=sealed, day=at.today)
    with at.db.reading() as session:
        return _said(session, made)


def _voucher(session: Session, holder: Holder) -> Voucher:
    found = claims.voucher_of(line().keys, mailboxes.show(session, holder=holder).entries, holder.private)
    if found is None:
        raise Conflict("no_reward", N_("现在没有可以领的奖励"))
    return found


def _sealed(payee: Mapping[str, str] | None, officers: dict[str, bytes]) -> dict[str, str]:
    if not officers:
        text = N_("现在不能转账，请选别的办法")
        raise Invalid("way_not_offered", text, errors={"way": [text]})
    return claims.seal_payee(claims.payee_of(dict(payee or {})), to=officers)


def _said(session: Session, found: Claim) -> dict[str, Any]:
    voucher = found.voucher
    return {
        "status": found.status,
        "status_label": say(REWARD.label(found.status)),
        "amount": voucher.amount,
        "claim_number": voucher.number,
        "proof": voucher.proof,
        "claim_by": voucher.until,
        "way": found.way,
        "pay_on": found.pay_on,
        "next_step": say(
            RELEASED[found.way or COUNTER] if found.status == RewardStatus.RELEASED else STEPS[found.status]
        ),
        "ways": _ways(session, voucher.county) if found.open else [],
    }


def _ways(session: Session, county: str) -> list[dict[str, str]]:
    """The safest first; a transfer only where somebody could read to whom."""
    ways = [CHARITY, COUNTER, *([TRANSFER] if claims.officers(session, county=county) else [])]
    return [{"way": way, "label": say(LABELS[way]), "words": say(WORDS[way])} for way in ways]
