"""Tips reach the investigators in batches at fixed hours, so that nobody can tell when one was written."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.kernel.clock import local, today
from backend.kernel.workdays import Calendar
from backend.models.tip import Tip
from backend.tips import states

STATE = "release"
#: Working days until the office says that it has seen a tip, and until it first answers.
ACKNOWLEDGE, ANSWER = 3, 15


def slot(now: datetime, hours: tuple[int, ...]) -> str | None:
    """The batch of this moment: ``2026-11-23#1``; ``None`` before the first hour of the day."""
    passed = [place for place, hour in enumerate(hours) if local(now).hour >= hour]
    return f"{today(now).isoformat()}#{passed[-1]}" if passed else None


def release(session: Session, *, calendar: Calendar, hours: tuple[int, ...], now: datetime) -> int:
    """Release what waits, once for each batch; how many. Run as often as you like."""
    batch = slot(now, hours)
    if batch is None or states.put(session, STATE, batch) == batch:
        return 0
    waiting = select(Tip.id).where(Tip.released_on.is_(None))
    ids = list(session.scalars(waiting))
    if ids:
        session.execute(update(Tip).where(Tip.id.in_(ids)).values(**_days(calendar, today(now))))
    return len(ids)


def _days(calendar: Calendar, day: date) -> dict[str, date]:
    return {
        "released_on": day,
        "acknowledge_by": calendar.add(day, ACKNOWLEDGE),
        "answer_by": calendar.add(day, ANSWER),
    }
