"""Identifiers: 63-bit time-ordered row ids, their 13-letter outside form, and random codes.

The outside form is Crockford base32 (no i, l, o, u), lower case. Row ids are made by us and
not by the database, so that a command knows them before it writes and may be run again.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
#: Two letters at a time: lists write many ids.
_PAIRS = [high + low for high in ALPHABET for low in ALPHABET]
#: Letters for codes people type: no 0/o, 1/l/i, no u (Crockford), upper case.
TYPED = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
PATTERN = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{12}", re.ASCII)
_EPOCH_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z
_RANDOM_BITS = 22


def new_id(now: datetime) -> int:
    """A positive 63-bit id: 41 bits of milliseconds since 2024 (UTC), 22 random bits."""
    elapsed = int(now.timestamp() * 1000) - _EPOCH_MS
    return max(elapsed, 0) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)


def new_ids(now: datetime, count: int) -> list[int]:
    """So many ids of one moment, ascending and all different (``new_id`` would repeat itself among thousands)."""
    moment = new_id(now) >> _RANDOM_BITS << _RANDOM_BITS
    return [moment | tail for tail in sorted(secrets.SystemRandom().sample(range(2**_RANDOM_BITS), count))]


def encode(number: int) -> str:
    """The 13-letter outside form of a row id."""
    return ALPHABET[number >> 60] + "".join([_PAIRS[number >> shift & 1023] for shift in (50, 40, 30, 20, 10, 0)])


def decode(text: str) -> int:
    """The row id behind an outside form; ``ValueError`` for anything else."""
    if not PATTERN.fullmatch(text):
        raise ValueError("not an id")
    number = 0
    for letter in text:
        number = number * 32 + ALPHABET.index(letter)
    return number


def typed_code(length: int) -> str:
    """A random code a person can read out or type (30 letters: 4.9 bits each)."""
    return "".join(secrets.choice(TYPED) for _ in range(length))


def number_of(prefix: str, year: int, month: int) -> str:
    """A case number ``YG2611-7K2M9Q``: prefix, year and month, six random characters."""
    return f"{prefix}{year % 100:02d}{month:02d}-{typed_code(6)}"
