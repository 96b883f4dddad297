"""The account that money goes to: sealed with the person's own key, opened only to freeze a payment or to show it."""

from __future__ import annotations

import json

from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.benefits.policy import Account
from backend.kernel.crypto import Seal, Vault, place
from backend.models.benefit import Recipient

TABLE = "benefit_recipient"


def sealed(seal: Seal, account: Account, at: str) -> str:
    """The sealed form of an account for a place."""
    value = {"name": account.name, "bank": account.bank, "account": account.number}
    return seal.seal_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")), at)


def opened(seal: Seal, value: str, at: str) -> Account:
    """The account behind a sealed value; ``Unreadable`` once the person's key is gone."""
    found = json.loads(seal.open_text(value, at))
    return Account(found["name"], found["bank"], found["account"])


def of_recipient(seal: Seal, row: Recipient) -> Account:
    """The account of a recipient; ``seal``: of ``row.resident_id``."""
    return opened(seal, row.account, place(TABLE, "account", row.id))


def seal_of(session: Session, vault: Vault, row: Recipient) -> Seal:
    """The key that this recipient's values are sealed with; ``Unreadable`` for an erased account."""
    return accounts.seal_of(session, vault, row.resident_id)
