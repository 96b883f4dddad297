"""The mailbox of a reporter: opened by the receipt code; what it shows, and what may be put into it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.events import moves
from backend.kernel import sealing
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.i18n import N_
from backend.lifecycles.tip import TIP, TipStatus
from backend.models.tip import Mailbox, Tip, TipKey
from backend.tips import codes, entries, recipients
from backend.tips.codes import Code
from backend.tips.entries import Entry
from backend.tips.keys import TipKeys
from backend.tips.tokens import Holder

#: What a reporter may see of what the office writes.
SHOWN = (entries.REPORT, entries.MESSAGE, entries.EVIDENCE, entries.REWARD)

#: Entries of one tip: messages, evidence, notes.
MOST_ENTRIES = 300


@dataclass(frozen=True, slots=True)
class Locked:
    """A mailbox as the table knows it; one that is not there has a salt all the same."""

    salt: bytes
    public: bytes
    tip_id: str
    generation: int


@dataclass(frozen=True, slots=True)
class Inbox:
    """What the reporter sees. ``acknowledge_by``, ``answer_by``: none before the release."""

    status: str
    received_on: date
    acknowledge_by: date | None
    acknowledged_on: date | None
    answer_by: date | None
    closed_on: date | None
    entries: list[Entry]
    allowed: list[str]


def not_found() -> NotFound:
    """One answer for wrong, unknown, expired, withdrawn and foreign codes and tokens."""
    return NotFound("tip_not_found", N_("查询码或口令不对，或者已经撤回、过期。请对照纸上再看一遍"))


def find(session: Session, keys: TipKeys, *, code: Code) -> Locked:
    """One look-up, whether there is such a mailbox or not."""
    row = session.execute(
        select(Mailbox.salt, Mailbox.public, Mailbox.tip_id, Mailbox.generation).where(
            Mailbox.locator == keys.locator(code.locator)
        )
    ).first()
    nobody = Locked(keys.no_salt(code.locator), bytes(sealing.KEY), "", 0)
    return Locked(row.salt, row.public, row.tip_id, row.generation) if row else nobody


def unlock(locked: Locked, *, code: Code, passphrase: str) -> Holder:
    """The holder; ``NotFound`` after the same Argon2 for whatever is wrong. Not in a transaction: it takes time."""
    pair = codes.pair(code, passphrase, locked.salt)
    if not hmac.compare_digest(pair.public, locked.public):
        raise not_found()
    return Holder(locked.tip_id, locked.generation, pair.private)


def tip_key(session: Session, *, holder: Holder) -> bytes:
    """The tip's key; ``NotFound`` when the mailbox is gone or the code was renewed since."""
    sealed = session.scalar(
        select(TipKey.sealed)
        .join(Mailbox, Mailbox.tip_id == TipKey.tip_id)
        .where(
            TipKey.tip_id == holder.tip_id,
            TipKey.holder == recipients.REPORTER,
            Mailbox.generation == holder.generation,
        )
    )
    if sealed is None:
        raise not_found()
    return sealing.open_from(holder.private, sealed)


def check_open(tip: Tip) -> None:
    """``Conflict`` where nothing more can be put in."""
    if tip.status == TipStatus.CLOSED:
        raise Conflict("tip_closed", N_("这件举报已经结束，不能再补充；有新的情况请另写一件"))
    if tip.entries >= MOST_ENTRIES:
        raise Conflict("tip_full", N_("这件里已经有 %(n)s 条，放不下了；请另写一件", n=MOST_ENTRIES))


def actions(status: str) -> list[str]:
    """What the holder of a code may do, named as the API names it."""
    adding = [] if status == TipStatus.CLOSED else ["messages", "evidence"]
    return [*adding, "receipt-renewal", "withdrawal"]


def show(session: Session, *, holder: Holder) -> Inbox:
    """Status and everything said, oldest first."""
    key = tip_key(session, holder=holder)
    tip = session.get_one(Tip, holder.tip_id)
    found = entries.read(session, key, tip_id=tip.id, kinds=SHOWN)
    return Inbox(
        status=tip.status,
        received_on=tip.received_on,
        acknowledge_by=tip.acknowledge_by,
        acknowledged_on=tip.acknowledged_on,
        answer_by=tip.answer_by,
        closed_on=tip.closed_on,
        entries=found,
        allowed=actions(tip.status),
    )


def write(session: Session, *, holder: Holder, content: dict[str, Any], day: date, entry_id: str | None = None) -> str:
    """Put a message into the tip; its id. What was asked for counts as answered; ``Conflict`` once it is over.

    ``entry_id``: ``repeats.entry_of`` of a form; what it wrote before is not written again.
    """
    key = tip_key(session, holder=holder)
    if entry_id is not None and entries.is_there(session, tip_id=holder.tip_id, entry_id=entry_id):
        return entry_id
    tip = session.get_one(Tip, holder.tip_id)
    check_open(tip)
    if tip.status == TipStatus.NEED_MORE:
        moves.mark(tip, "answer", lifecycle=TIP, role="reporter", day=day)
        session.flush()
    return entries.write(
        session,
        key,
        tip_id=holder.tip_id,
        kind=entries.MESSAGE,
        author=entries.REPORTER,
        content=content,
        day=day,
        entry_id=entry_id,
    )
