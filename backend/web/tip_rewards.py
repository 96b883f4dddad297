"""What the API and the pages of those who pay rewards share. The ledger knows no tip, and no tip the ledger."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict
from typing import Any

from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_
from backend.lifecycles.tip import REWARD
from backend.tips import ledger, rewards, vouchers
from backend.tips.claims import Payee
from backend.tips.ledger import Line
from backend.tips.unlocking import Opener
from backend.web import investigators, tip_desk
from backend.web.context import runtime
from backend.web.words import say

_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


def offer(tip_id: str, amount: int) -> None:
    """Seal a reward into the mailbox of a tip."""
    tip_desk.act(rewards.offer, tip_id, keys=runtime().tips.keys, amount=amount)


def outlook(tip_id: str) -> tuple[bool, bool, int]:
    """Whether a reward can be set now, whether there is one, and how many would share it."""
    with runtime().tips.db.reading() as session:
        return rewards.outlook(session, opener=investigators.opener(), tip_id=tip_id)


def listing(*, paid: bool, cursor: str | None, limit: int) -> dict[str, Any]:
    """A page of the ledger, for whoever has an active key; nothing of it needs to be unlocked."""
    if cursor and not _ID.fullmatch(cursor):
        raise Invalid("invalid_cursor", N_("翻页的位置不对，请从第一页看起"))
    at, who = runtime().tips, investigators.key()
    with at.db.reading() as session:
        found = ledger.listing(session, who=who, done=paid, after=cursor, limit=limit, day=at.today)
    items, more = found[:limit], found[limit:]
    return {"items": [line(one) for one in items], "next_cursor": items[-1].id if more else None}


def release(reward_id: str) -> dict[str, Any]:
    """Sign that it may be paid."""
    at, who = runtime(), investigators.key()
    day, db = at.tips.today, at.tips.db
    return line(db.transact_once(ledger.release, who=who, reward_id=reward_id, calendar=at.calendar, day=day))


def pay(reward_id: str) -> dict[str, Any]:
    """Note that a donation or a transfer was made."""
    at, who = runtime().tips, investigators.key()
    return line(at.db.transact(ledger.pay, who=who, reward_id=reward_id, proof=None, day=at.today))


def pay_at_counter(claim_number: str, proof: str) -> dict[str, Any]:
    """Note that it was paid to whoever brought number and proof. One Argon2 outside the transaction."""
    at, who = runtime().tips, investigators.key()
    number, kept = _digits(claim_number), vouchers.kept(at.keys, number=_digits(claim_number), proof=_digits(proof))
    with at.db.reading() as session:
        reward_id = ledger.find(session, who=who, claim_number=number)
    return line(at.db.transact(ledger.pay, who=who, reward_id=reward_id, proof=kept, day=at.today))


def payee(reward_id: str, opener: Opener | None = None) -> Payee:
    """Name and account, for the reward officer whose key is open."""
    with runtime().tips.db.reading() as session:
        return ledger.payee(session, opener=opener or investigators.opener(), reward_id=reward_id)


def line(one: Line) -> dict[str, Any]:
    found = asdict(one)
    return {**found, "allowed_actions": found.pop("allowed"), "status_label": say(REWARD.label(one.status))}


def _digits(typed: str) -> str:
    """As it is read from a paper: any width, in groups."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", typed))
