"""Look-ups that are open to anyone, with their tries counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from backend.accounts import attempts
from backend.applications import queries, records
from backend.web.context import runtime

TRIES = 5


def progress(number: str, mobile_last4: str) -> dict[str, Any]:
    """The progress of a case; wrong digits are counted per number and day, whether or not it exists."""
    at = runtime()
    number = number.strip().upper()
    bucket = attempts.bucket(at.vault, "progress", number, limit=TRIES, window=timedelta(days=1))
    if not at.db.transact(attempts.take, bucket, now=at.clock()):
        raise records.not_found()
    with at.db.reading() as session:
        found = queries.progress(session, at.vault, number=number, mobile_last4=mobile_last4)
    at.db.transact(attempts.clear, bucket)
    return found
