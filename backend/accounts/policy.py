"""Rules of accounts that need no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from backend.kernel.crypto import Vault
from backend.kernel.privacy import UNIQUE_TYPES

CODE_LIFE = timedelta(minutes=5)
CODE_TRIES = 5
WRONG_CODES_WINDOW = timedelta(minutes=5)
PASSWORD_TRIES = 5
PASSWORD_LOCK = timedelta(minutes=15)
INVITATION_LIFE = timedelta(days=7)
EXPORT_LIFE = timedelta(days=7)
GRACE = timedelta(seconds=30)
#: How long a WeChat identity that no account is bound to waits for its owner to sign in by phone.
BINDING_LIFE = timedelta(minutes=10)
#: Codes of WeChat's that one address may bring: a whole village may stand behind one.
WECHAT_CODES, WECHAT_WINDOW = 300, timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class CodeLimits:
    """How many codes may be sent: per number and hour, per address in 10 minutes."""

    per_mobile_hour: int = 5
    per_address_10_min: int = 30


def delay(wrong: int) -> float:
    """Seconds that the n-th wrong password in a row waits for its answer; at most 1."""
    return min(0.1 * 2 ** (wrong - 1), 1.0) if wrong > 0 else 0.0


def mobile_index(vault: Vault, mobile: str) -> str:
    """The look-up hash of a checked mobile number."""
    return vault.index("mobile", mobile)


def openid_index(vault: Vault, openid: str) -> str:
    """The look-up hash of a WeChat identity: bindings, credits and events stand under it."""
    return vault.index("openid", openid)


def id_index(vault: Vault, id_type: str, number: str) -> str:
    """The look-up hash of a checked document number: the same person under any of the national types."""
    return vault.index("id_number", number if id_type in UNIQUE_TYPES else f"{id_type}:{number}")
