"""A request of the desk that is sent again under its key: the same words are answered as done, others are refused.

What was sent is kept as an HMAC under the key of the day, and both go after the next day: later nobody can try out on
it what a redaction destroyed. From then on only the line in the log tells that a key was used.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.events import rows
from backend.kernel.errors import KeyReused
from backend.models.tip import TipLog, Used


@dataclass(frozen=True, slots=True)
class Sent:
    """``log_id``: of its line in the log; ``digests``: day → HMAC of the words under that day's key (hex)."""

    log_id: str
    digests: Mapping[date, str]


def sent(place: str, body: bytes, *, day_keys: Mapping[date, bytes]) -> Sent:
    """``place``: method, path, sender and key; ``day_keys``: ``DayKeys.both``."""
    log_id = hashlib.sha256(place.encode()).hexdigest()[:32]
    said = b"desk|" + log_id.encode() + b"|" + body
    return Sent(log_id, {day: hmac.new(key, said, hashlib.sha256).hexdigest() for day, key in day_keys.items()})


def perform(
    session: Session, command: Callable[..., Any], *, sent: Sent, day: date, arguments: Mapping[str, Any]
) -> Any:
    """Run a command that writes its log under ``log_id``; ``KeyReused`` for one of other words."""
    on = session.scalar(select(TipLog.day).where(TipLog.id == sent.log_id))
    known = session.scalar(select(Used.day).where(Used.digest.in_(sent.digests.values()))) is not None
    if on in sent.digests and not known:
        raise KeyReused
    result = command(session, day=day, log_id=sent.log_id, **arguments)
    if not known:
        rows.chain(session, Used, {"digest": sent.digests[day], "day": day})
    return result
