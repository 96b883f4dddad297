"""Receipt codes 查询码: 28 digits that a reporter writes down, and the key that they and a passphrase give."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass, field

from backend.kernel import sealing
from backend.kernel.sealing import Pair
from backend.tips import gate
from backend.tips.keys import TipKeys

#: Digits that find the mailbox, and digits that open it (66 bits).
LOCATOR, SECRET = 8, 20
_CODE = re.compile(r"[0-9]{28}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Code:
    """A receipt code in two parts; never in an address, a log or a table."""

    locator: str = field(repr=False)
    secret: str = field(repr=False)

    @property
    def digits(self) -> str:
        return self.locator + self.secret

    @property
    def groups(self) -> list[str]:
        """In fours, as it is shown."""
        digits = self.digits
        return [digits[at : at + 4] for at in range(0, len(digits), 4)]


@dataclass(frozen=True, slots=True)
class NewMailbox:
    """What a mailbox is made from: all of it may be kept, none of it opens anything."""

    locator: str
    salt: bytes
    public: bytes


def new_code() -> Code:
    digits = "".join(secrets.choice("0123456789") for _ in range(LOCATOR + SECRET))
    return Code(digits[:LOCATOR], digits[LOCATOR:])


def from_bytes(raw: bytes) -> Code:
    """The code that 32 bytes give: for a form that is posted twice."""
    digits = str(int.from_bytes(raw) % 10 ** (LOCATOR + SECRET)).zfill(LOCATOR + SECRET)
    return Code(digits[:LOCATOR], digits[LOCATOR:])


def read(typed: str) -> Code | None:
    """A typed code: any width, spaces and hyphens ignored; ``None`` for what cannot be one."""
    digits = re.sub(r"[\s\-－—–·.]", "", unicodedata.normalize("NFKC", typed[:200]))
    return Code(digits[:LOCATOR], digits[LOCATOR:]) if _CODE.fullmatch(digits) else None


def new_mailbox(code: Code, passphrase: str, keys: TipKeys) -> NewMailbox:
    """One Argon2."""
    salt = sealing.new_salt()
    return NewMailbox(keys.locator(code.locator), salt, pair(code, passphrase, salt).public)


def pair(code: Code, passphrase: str, salt: bytes) -> Pair:
    """The key pair of a code and a passphrase (empty: none). One Argon2."""
    words = unicodedata.normalize("NFKC", passphrase.strip())
    return sealing.pair_of(gate.from_words(f"{code.secret}|{words}", salt))
