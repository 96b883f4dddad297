"""A day that was missed raises the flag of the city-level oversight: it stays, whatever is done later."""

from __future__ import annotations

from datetime import date

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.models.tip import Tip
from backend.tips import lines


def flag(session: Session, *, day: date) -> int:
    """Flag what was due before this day and is not done; how many. Run as often as you like."""
    late = update(Tip).where(Tip.escalated_on.is_(None), Tip.released_on.is_not(None), lines.overdue(day))
    found = session.execute(late.values(escalated_on=day), execution_options={"synchronize_session": False})
    return int(found.rowcount)  # type: ignore[attr-defined]  # an UPDATE's CursorResult
