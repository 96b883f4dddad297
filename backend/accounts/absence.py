"""Days off: while everyone of an office is away its cases go to the level above."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.kernel.errors import Invalid, NotFound
from backend.kernel.i18n import N_
from backend.models.staff import Staff

LONGEST = timedelta(days=366)


def set_away(session: Session, *, staff_id: int, until: date | None, today: date, now: datetime) -> int:
    """Away through ``until`` (China), or back (``None``); the id of the clerk.

    ``Invalid`` for a day that is over or more than a year ahead.
    """
    if until is not None and not today <= until <= today + LONGEST:
        words = N_("请填今天到一年以内的日子")
        raise Invalid("wrong_day", words, errors={"until": [words]})
    row = session.get(Staff, staff_id)
    if row is None:
        raise NotFound("not_found", N_("没有这个账号"))
    row.away_until, row.updated_at = until, now
    return row.id


def away_until(session: Session, *, staff_id: int) -> date | None:
    """The last day of a clerk's absence; ``None`` while present."""
    return session.scalar(select(Staff.away_until).where(Staff.id == staff_id))


def come_back(session: Session, *, today: date, now: datetime, limit: int) -> int:
    """Clerks whose last day off is over are present again; how many. ``away_until`` set means absent, everywhere."""
    over = select(Staff.id).where(Staff.away_until < today).order_by(Staff.id).limit(limit)
    found = list(session.scalars(over))
    if found:
        session.execute(
            update(Staff).where(Staff.id.in_(found), Staff.away_until < today).values(away_until=None, updated_at=now)
        )
    return len(found)
