"""Taking work back that nobody is to do any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from backend.events.leasing import IN_DOUBT
from backend.models.outbox import Outbox


def withdraw(session: Session, *, dedupe_key: str, now: datetime) -> bool:
    """Done without being done; False when it is in somebody's hands this moment, or may be done already."""
    waiting = update(Outbox).where(
        Outbox.dedupe_key == dedupe_key,
        Outbox.status.in_(("due", "dead")),
        or_(Outbox.last_error.is_(None), ~Outbox.last_error.startswith(IN_DOUBT)),
    )
    result = session.execute(waiting.values(status="done", done_at=now).execution_options(synchronize_session=False))
    return bool(result.rowcount)  # type: ignore[attr-defined]  # an UPDATE's CursorResult
