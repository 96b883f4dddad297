"""The investigators' digest: once a day at a fixed hour, counts only, nothing when there is nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from backend.kernel.clock import local, today
from backend.kernel.workdays import Calendar
from backend.lifecycles.tip import OPEN, KeyStatus
from backend.models.tip import Investigator, Tip, TipEntry, TipKey, TipState
from backend.tips import entries, lines, states

STATE = "digest"
KIND = "tips_digest"


@dataclass(frozen=True, slots=True)
class Counts:
    """What lies before one investigator. ``region``: where the key says that they work."""

    staff_id: int
    region: str
    waiting: int
    overdue: int


def due(session: Session, *, calendar: Calendar, hour: int, now: datetime) -> bool:
    """Whether today's digest is still to be written: on working days from ``hour`` (China) on."""
    day = today(now)
    if not calendar.is_workday(day) or local(now).hour < hour:
        return False
    return session.scalar(select(TipState.value).where(TipState.name == STATE)) != day.isoformat()


def counts(session: Session, *, day: date) -> list[Counts]:
    """Of every active investigator who has something to look at: what waits for a look or an answer, what is late."""
    last = aliased(TipEntry)
    theirs = and_(last.tip_id == Tip.id, last.number == Tip.entries, last.author == entries.REPORTER)
    said = last.kind.in_((entries.MESSAGE, entries.EVIDENCE))
    waits = and_(Tip.status.in_(OPEN), or_(Tip.acknowledged_on.is_(None), said))
    waiting, late = (func.sum(case((found, 1), else_=0)) for found in (waits, lines.overdue(day)))
    query = (
        select(Investigator.staff_id, Investigator.region, waiting.label("waiting"), late.label("overdue"))
        .select_from(Investigator)
        .join(TipKey, TipKey.holder == Investigator.id)
        .join(Tip, Tip.id == TipKey.tip_id)
        .outerjoin(last, theirs)
        .where(Investigator.status == KeyStatus.ACTIVE.value, Tip.released_on.is_not(None), Tip.status.in_(OPEN))
        .group_by(Investigator.staff_id, Investigator.region)
        .having(or_(waiting > 0, late > 0))
        .order_by(Investigator.staff_id)
    )
    return [Counts(row.staff_id, row.region, int(row.waiting), int(row.overdue)) for row in session.execute(query)]


def written(session: Session, *, day: date) -> None:
    """Remember that the digest of this day is out."""
    states.put(session, STATE, day.isoformat())
