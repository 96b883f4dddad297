"""The token of an opened mailbox: everything it needs is inside, sealed under the key of the day. We keep nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from backend.kernel import base64url, sealing
from backend.kernel.clock import today
from backend.kernel.crypto import Unreadable
from backend.tips.keys import derive
from backend.tips.work import DayKey

LIFE = timedelta(hours=1)
LONGEST = 600
_PLACE = "tip token"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who opened a mailbox: ``private`` opens what is sealed to the receipt code."""

    tip_id: str
    generation: int
    private: bytes = field(repr=False)


def seal(holder: Holder, *, day_key: bytes, now: datetime) -> str:
    """``2026-11-22.<sealed>``; good for an hour. The hour is in the holder's hand only."""
    until = int((now + LIFE).timestamp())
    content = f"{holder.tip_id}|{holder.generation}|{until}|{holder.private.hex()}".encode()
    sealed = sealing.seal(derive(day_key, "token"), content, _PLACE)
    return f"{today(now).isoformat()}.{base64url.encode(sealed)}"


def read(token: str, *, keys: DayKey, now: datetime) -> Holder | None:
    """Whoever it was given to; ``None`` for forged, old or broken ones."""
    day, _, rest = token[:LONGEST].partition(".")
    try:
        key = keys(date.fromisoformat(day))
        if key is None:
            return None
        sealed = base64url.decode(rest)
        tip_id, generation, until, private = sealing.unseal(derive(key, "token"), sealed, _PLACE).decode().split("|")
    except (ValueError, Unreadable):
        return None
    if int(until) < now.timestamp():
        return None
    return Holder(tip_id, int(generation), bytes.fromhex(private))
