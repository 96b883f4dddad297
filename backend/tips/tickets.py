"""The slow lane for phones without JavaScript: a ticket, good once, after half a minute and until the next day ends.

A page carries it in a hidden field. It is sealed under the key of its day, so that neither a page left open nor
anything we keep says when it was fetched.
"""

from __future__ import annotations

import base64
import binascii
import math
import os
import struct
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.kernel.clock import today
from backend.kernel.errors import TooMany
from backend.kernel.i18n import N_
from backend.tips.work import DayKey, Spent, part, refused, spent

#: Seconds a ticket has to ripen.
RIPE = 30
#: Characters: nonce, moment and tag (36 bytes) in base64.
LENGTH = 48
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket of ours. ``raw``: a random word that no other form carries; ``moment``: Unix time."""

    day: date
    key: bytes = field(repr=False)
    raw: bytes = field(repr=False)
    moment: int

    @property
    def as_pass(self) -> Spent:
        """What is kept when it let a report through the slow lane."""
        return spent(self.key, self.day, "ticket", self.raw)

    @property
    def as_word(self) -> Spent:
        """What is kept when the receipt of its form was written down."""
        return spent(self.key, self.day, "word", self.raw)


def issue(key: bytes, *, now: datetime) -> str:
    """A fresh ticket (48 characters). ``key``: of the day of ``now`` (32 bytes)."""
    nonce = os.urandom(_NONCE)
    moment = struct.pack(">q", int(now.timestamp()))
    return base64.urlsafe_b64encode(nonce + _seal(key).encrypt(nonce, moment, None)).decode()


def read(ticket: object, *, keys: DayKey, now: datetime) -> Ticket:
    """A ticket of today or yesterday, ripe or not; anything else is ``work_refused``."""
    raw = _raw(ticket)
    for day in (today(now), today(now) - timedelta(days=1)):
        key = keys(day)
        moment = None if key is None else _moment(key, raw)
        if key is not None and moment is not None:
            return Ticket(day, key, raw, moment)
    raise refused()


def ripen(ticket: Ticket, *, now: datetime) -> None:
    """``too_early`` says how many seconds are left."""
    left = math.ceil(ticket.moment + RIPE - now.timestamp())
    if left > 0:
        words = N_("请再等 %(seconds)d 秒，然后再点一次。已填的内容都在", seconds=left)
        raise TooMany("too_early", words, retry_after=left)


def _raw(ticket: object) -> bytes:
    if not isinstance(ticket, str) or len(ticket) != LENGTH or not ticket.isascii():
        raise refused()
    try:
        return base64.b64decode(ticket, altchars=b"-_", validate=True)
    except binascii.Error:
        raise refused() from None


def _seal(key: bytes) -> AESGCM:
    return AESGCM(part(key, "ticket"))


def _moment(key: bytes, raw: bytes) -> int | None:
    """When it was issued (Unix time); none under another day's key."""
    try:
        moment: int = struct.unpack(">q", _seal(key).decrypt(raw[:_NONCE], raw[_NONCE:], None))[0]
    except InvalidTag:
        return None
    return moment
