"""Withdrawal 撤回: the mailbox goes at once, and the tip with it as long as it was not handed over."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend.events import moves
from backend.lifecycles.tip import TIP, TipStatus
from backend.models.tip import Mailbox, Tip, TipEntry, TipKey
from backend.tips import entries, mailboxes, recipients, shredding
from backend.tips.tokens import Holder

#: Until then it is the reporter's alone to take back; what others were handed must be kept by them and by us.
TAKES_ALL = (TipStatus.RECEIVED, TipStatus.VERIFYING, TipStatus.NEED_MORE)


def destroys_all(session: Session, *, holder: Holder) -> bool:
    """Whether ``withdraw`` would leave nothing, as it stands now."""
    mailboxes.tip_key(session, holder=holder)
    return _takes_all(session, session.get_one(Tip, holder.tip_id))


def withdraw(session: Session, *, holder: Holder, day: date) -> bool:
    """Take the report back; whether all of it is destroyed. From now on the code is as if it had never been."""
    mailboxes.tip_key(session, holder=holder)
    tip = session.get_one(Tip, holder.tip_id)
    if _takes_all(session, tip):
        moves.mark(tip, "withdraw", lifecycle=TIP, role="reporter", day=day)
        tip.closed_on = day
        shredding.destroy_keys(session, tip_ids=[tip.id])
        return True
    own = TipKey.tip_id == tip.id, TipKey.holder == recipients.REPORTER
    session.execute(delete(TipKey).where(*own))
    session.execute(delete(Mailbox).where(Mailbox.tip_id == tip.id))
    return False


def _takes_all(session: Session, tip: Tip) -> bool:
    """Not once it was handed over, also when it came back to the investigators since."""
    transfers = select(func.count()).where(TipEntry.tip_id == tip.id, TipEntry.kind == entries.TRANSFER)
    return tip.status in TAKES_ALL and not session.scalar(transfers)
