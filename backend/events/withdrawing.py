"""Taking work back that nobody is to do any more, or is to do sooner."""

from __future__ import annotations

from collections.abc import Collection
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


def hasten(session: Session, *, dedupe_keys: Collection[str], due_at: datetime) -> None:
    """Due then, if it is due later and was never tried: a back-off is not cut short."""
    if dedupe_keys:
        waiting = (Outbox.status == "due", Outbox.attempts == 0, Outbox.due_at > due_at)
        sooner = update(Outbox).where(Outbox.dedupe_key.in_(dedupe_keys), *waiting).values(due_at=due_at)
        session.execute(sooner.execution_options(synchronize_session=False))
