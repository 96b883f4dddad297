"""Signing the days of the record: the rows are the events' business, the key the certificates'."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.certificates import heads
from backend.events import days
from backend.kernel.crypto import Vault
from backend.runtime import Runtime

#: Days per turn: a clock that jumped ahead leaves many empty ones.
MOST = 400


def sign_days(runtime: Runtime) -> int:
    """Sign every day that is over; how many."""
    for signed in range(MOST):
        if runtime.db.transact(_next, runtime.vault, now=runtime.clock()) is None:
            return signed
    return MOST


def _next(session: Session, vault: Vault, *, now: datetime) -> date | None:
    def sign(body: dict[str, Any]) -> tuple[str, str]:
        return heads.sign(session, vault, body, now=now)

    return days.sign_next(session, sign=sign, now=now)
