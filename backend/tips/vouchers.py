"""The voucher of a reward 奖励: all that a claim needs, sealed to the receipt code and kept nowhere else.

The ledger learns of a reward only when it is claimed. So neither its rows nor their order nor a log of the database's
changes lead from a claim to the tip, and the office cannot open what it gave (libsodium sealed box).
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import date

import orjson

from backend.kernel import sealing
from backend.kernel.crypto import Unreadable
from backend.tips import gate
from backend.tips.keys import TipKeys

#: Digits of the number that the ledger shows, and of the proof that only the holder of the receipt code knows.
NUMBER, PROOF = 10, 12


@dataclass(frozen=True, slots=True)
class Voucher:
    """``amount``: yuan; ``until``: the last day to claim."""

    number: str = field(repr=False)
    proof: str = field(repr=False)
    amount: int
    county: str
    until: date


def draw(*, amount: int, county: str, until: date) -> Voucher:
    return Voucher(_digits(NUMBER), _digits(PROOF), amount, county, until)


def seal(keys: TipKeys, voucher: Voucher, public: bytes) -> str:
    """For the holder of the receipt code alone (hex)."""
    content = _content(voucher)
    signed = orjson.dumps(content | {"tag": keys.reward(_words(content))})
    return sealing.seal_to(public, signed).hex()


def read(keys: TipKeys, box: str, private: bytes) -> Voucher | None:
    """The voucher of this office; ``None`` for what is not ours or sealed to another code."""
    try:
        content = orjson.loads(sealing.open_from(private, bytes.fromhex(box)))
    except (Unreadable, ValueError):
        return None
    tag = content.pop("tag")
    if not hmac.compare_digest(keys.reward(_words(content)), tag):
        return None
    return Voucher(**(content | {"until": date.fromisoformat(content["until"])}))


def move(box: str, *, private: bytes, public: bytes) -> str:
    """The same for a new receipt code. ``Unreadable`` when it was not sealed to the old one."""
    return sealing.seal_to(public, sealing.open_from(private, bytes.fromhex(box))).hex()


def kept(keys: TipKeys, *, number: str, proof: str) -> str:
    """What the ledger keeps of a proof (64 hex digits). One Argon2: twelve digits would soon be guessed otherwise."""
    salt = bytes.fromhex(keys.reward(f"salt|{number}"))[: sealing.SALT]
    return gate.from_words(f"claim|{number}|{proof}", salt).hex()


def _content(voucher: Voucher) -> dict[str, str | int]:
    return {
        "number": voucher.number,
        "proof": voucher.proof,
        "amount": voucher.amount,
        "county": voucher.county,
        "until": voucher.until.isoformat(),
    }


def _words(content: dict[str, str | int]) -> str:
    return "voucher|" + "|".join(f"{name}={content[name]}" for name in sorted(content))


def _digits(count: int) -> str:
    return str(secrets.randbelow(10**count)).zfill(count)
