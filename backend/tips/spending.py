"""What is good once: the proof of work or the ticket of a report, used up in the transaction of the report."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.events import rows
from backend.models.tip import Used
from backend.tips.work import Spent, refused


def spend(session: Session, spent: Spent) -> None:
    """Use it up; ``work_refused`` when it was used before. The database decides between two at once."""
    try:
        with session.begin_nested():
            rows.write(session, Used, {"digest": spent.digest, "day": spent.day})
    except IntegrityError:
        raise refused() from None


def is_used(session: Session, spent: Spent) -> bool:
    """Whether it was used up: asked before anything costs something, decided by ``spend``."""
    return session.scalar(select(Used.day).where(Used.digest == spent.digest)) is not None
