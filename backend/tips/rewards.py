"""Offering a reward 奖励 for what was found true: an amount for all to see who open the tip, and a voucher for one."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from backend.kernel import sealing
from backend.kernel.errors import Conflict, Invalid
from backend.kernel.i18n import N_
from backend.lifecycles.tip import TipStatus
from backend.models.tip import Mailbox, Tip, TipEntry
from backend.tips import desk, entries, shredding, vouchers
from backend.tips.keys import TipKeys
from backend.tips.unlocking import Opener

#: Yuan. Round amounts only: an odd one would say in the ledger whose it is.
LEAST, MOST, STEP = 100, 1_000_000, 100
#: How long a reward can be claimed; a closed tip and its mailbox live as long.
LIFE = shredding.KEEP
OFFERED = "reward"


def check_amount(amount: int) -> None:
    """``Invalid`` for what is no whole hundred."""
    if not LEAST <= amount <= MOST or amount % STEP:
        text = N_("金额要是整百元，%(least)d 到 %(most)d 元", least=LEAST, most=MOST)
        raise Invalid("invalid_input", text, errors={"amount": [text]})


def offer(session: Session, *, keys: TipKeys, opener: Opener, tip_id: str, amount: int, day: date, log_id: str) -> str:
    """Seal a reward into the mailbox, once; the tip's id. ``amount``: yuan for all who reported it that day.

    ``Conflict`` before it was found true, when there is one already, or when the reporter took the mailbox away.
    Carried out once for each ``log_id``.
    """
    check_amount(amount)
    tip, tip_key = desk.load(session, opener=opener, tip_id=tip_id)
    if desk.done(session, log_id):
        return tip_id
    public = _ready(session, tip)
    share = _share(amount, ties(session, tip))
    voucher = vouchers.draw(amount=share, county=tip.county, until=day + LIFE)
    content = {"text": f"{share} 元", "amount": share, "box": vouchers.seal(keys, voucher, public)}
    kind, author = entries.REWARD, entries.OFFICE
    entries.write(session, tip_key, tip_id=tip_id, kind=kind, author=author, content=content, day=day)
    # The entry took the lock of the tip's row: whoever offers at the same moment counts after us.
    if _offered(session, tip_id) > 1:
        raise _twice()
    desk.log(session, tip_id=tip_id, opener=opener, act=OFFERED, day=day, log_id=log_id)
    return tip_id


def outlook(session: Session, *, opener: Opener, tip_id: str) -> tuple[bool, bool, int]:
    """Whether a reward can be set now, whether there is one, and how many would share it."""
    tip, _ = desk.load(session, opener=opener, tip_id=tip_id)
    offered = _offered(session, tip.id) > 0
    return _found_true(session, tip) and not offered, offered, ties(session, tip)


def ties(session: Session, tip: Tip) -> int:
    """How many came on the same day about the same target and can still be paid: "first" means the day."""
    query = (
        select(func.count())
        .select_from(Tip)
        .join(Mailbox, Mailbox.tip_id == Tip.id)
        .where(
            Tip.target_index == tip.target_index,
            Tip.received_on == tip.received_on,
            Tip.status != TipStatus.UNSUBSTANTIATED.value,
        )
    )
    return max(1, session.scalar(query) or 0)


def move(session: Session, tip_key: bytes, *, tip_id: str, private: bytes, public: bytes) -> None:
    """Hand the voucher on to a new receipt code: the old one's key opens it, the new one's will."""
    for row in session.scalars(select(TipEntry).where(TipEntry.tip_id == tip_id, TipEntry.kind == entries.REWARD)):
        content = entries.opened(tip_key, row).content
        if content is not None:
            content["box"] = vouchers.move(content["box"], private=private, public=public)
            again = entries.sealed(tip_key, sealing.new_key(), tip_id=tip_id, entry_id=row.id, content=content)
            row.key, row.content = again["key"], again["content"]


def _share(amount: int, among: int) -> int:
    """What each of them gets: a whole hundred as well, the rest is not paid."""
    share = amount // among // STEP * STEP
    if share < LEAST:
        text = N_("%(n)d 件平分，每件不到 %(least)d 元，请填多一些", n=among, least=LEAST)
        raise Invalid("invalid_input", text, errors={"amount": [text]})
    return share


def _ready(session: Session, tip: Tip) -> bytes:
    """The public key of the mailbox; its row stays ours, so that the code is not renewed meanwhile."""
    if not _found_true(session, tip):
        raise Conflict("not_substantiated", N_("查实以后才能给奖励"))
    if _offered(session, tip.id):
        raise _twice()
    public = session.scalar(select(Mailbox.public).where(Mailbox.tip_id == tip.id).with_for_update())
    if public is None:
        raise Conflict("no_mailbox", N_("举报人已经撤回，查询码作废了，奖励送不到"))
    return public


def _found_true(session: Session, tip: Tip) -> bool:
    """This one, or the one about the same target that goes on instead of it."""
    ids = or_(Tip.id == tip.id, Tip.id == tip.merged_into) if tip.merged_into else Tip.id == tip.id
    found = session.scalar(select(func.count()).where(ids, Tip.status == TipStatus.SUBSTANTIATED.value))
    return bool(found)


def _offered(session: Session, tip_id: str) -> int:
    query = select(func.count()).where(TipEntry.tip_id == tip_id, TipEntry.kind == entries.REWARD)
    return session.scalar(query) or 0


def _twice() -> Conflict:
    return Conflict("reward_offered", N_("这件已经给过奖励了，不能再给一次"))
