"""A new receipt code for its holder: the old one is worth nothing from that moment."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.kernel import sealing
from backend.models.tip import Mailbox, TipKey
from backend.tips import mailboxes, recipients, rewards
from backend.tips.codes import NewMailbox
from backend.tips.filing import Taken
from backend.tips.tokens import Holder


def renew(session: Session, *, holder: Holder, mailbox: NewMailbox) -> None:
    """Seal the tip's key to the new code instead of the old.

    ``NotFound`` when another renewal was faster, ``Taken``: draw another code.
    """
    key = mailboxes.tip_key(session, holder=holder)
    mine = Mailbox.tip_id == holder.tip_id, Mailbox.generation == holder.generation
    values = {"locator": mailbox.locator, "salt": mailbox.salt, "public": mailbox.public}
    try:
        changed = session.execute(update(Mailbox).where(*mine).values(**values, generation=holder.generation + 1))
    except IntegrityError as error:
        raise Taken from error
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise mailboxes.not_found()
    own = TipKey.tip_id == holder.tip_id, TipKey.holder == recipients.REPORTER
    session.execute(update(TipKey).where(*own).values(sealed=sealing.seal_to(mailbox.public, key)))
    rewards.move(session, key, tip_id=holder.tip_id, private=holder.private, public=mailbox.public)
