"""The morning's figures: one message per clerk and working day, counts only, nothing when there is nothing."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, func, literal, or_, select, update
from sqlalchemy.orm import Session

from backend.applications import policy, queue
from backend.kernel import ids
from backend.kernel.clock import local, today
from backend.kernel.workdays import Calendar
from backend.lifecycles.application import OPEN, REVIEWABLE, ApplicationStatus as S
from backend.models.application import Application, StaffNotice
from backend.models.staff import Staff
from backend.notifications import staff as inbox

#: When it comes (China): before the counters open.
MORNING = time(7, 30)
#: Counts stop here, those of a jurisdiction later: nobody needs the number of a whole county to the unit.
MOST, MOST_BELOW = 100, 1000
#: So many clerks in a transaction: their rows are locked while the counting goes on.
BATCH = 25


def write(session: Session, *, calendar: Calendar, now: datetime, limit: int = BATCH) -> int:
    """Put the figures of today together for clerks who have none yet; how many clerks were looked at.

    Nothing before 7:30 and on days off. Safe to run at once and again: a clerk is taken by their row, once a day.
    """
    day = today(now)
    if not calendar.is_workday(day) or local(now).time() < MORNING:
        return 0
    clerks = _waiting(session, day, limit)
    offices: dict[str, dict[str, int]] = {}
    for clerk, message_id in zip(clerks, ids.new_ids(now, len(clerks)), strict=True):
        if clerk.region not in offices:
            offices[clerk.region] = _office(session, clerk, now)
        facts = offices[clerk.region] | {"mine": _count(session, _mine(clerk, now))}
        if any(facts.values()):
            _tell(session, clerk, message_id, day, facts, now)
    done = update(Staff).where(Staff.id.in_([clerk.id for clerk in clerks])).values(digest_on=day)
    session.execute(done, execution_options={"synchronize_session": False})
    return len(clerks)


def _waiting(session: Session, day: date, limit: int) -> list[Staff]:
    at_work = (Staff.role == "reviewer", Staff.active.is_(True), Staff.away_until.is_(None))
    without = or_(Staff.digest_on.is_(None), Staff.digest_on < day)
    query = select(Staff).where(*at_work, without).order_by(Staff.id).limit(limit)
    return list(session.scalars(query.with_for_update(skip_locked=True)))


def _tell(session: Session, clerk: Staff, message_id: int, day: date, facts: dict[str, Any], now: datetime) -> None:
    told = {name: count for name, count in facts.items() if count}
    inbox.tell(
        session,
        staff_id=clerk.id,
        kind="digest",
        event=day.isoformat(),
        facts=told,
        now=now,
        message_id=message_id,
    )


def _office(session: Session, clerk: Staff, now: datetime) -> dict[str, int]:
    """What waits for an office; of towns and the county also what stands in the whole jurisdiction."""
    place = getattr(Application, clerk.level) == clerk.region
    turn = (place, Application.queue == clerk.level, Application.status.in_(REVIEWABLE))
    free = or_(Application.claimed_until.is_(None), Application.claimed_until <= now)
    late, soon = Application.due_at <= now, (Application.due_at > now, Application.due_at <= now + queue.SOON)
    found = {
        "overdue": _count(session, [*turn, late]),
        "soon": _count(session, [*turn, *soon]),
        "unclaimed": _count(session, [*turn, free]),
        "waiting": _count(session, [place, Application.status == S.CORRECTION.value]),
    }
    if clerk.level == policy.LEVELS[0]:
        return found
    running = (place, Application.status.in_(REVIEWABLE))
    return found | {
        "escalated": _escalated(session, clerk),
        "area_open": _count(session, [place, Application.status.in_(OPEN)], MOST_BELOW),
        "area_overdue": _count(session, [*running, late], MOST_BELOW),
        "area_soon": _count(session, [*running, *soon], MOST_BELOW),
    }


def _mine(clerk: Staff, now: datetime) -> list[ColumnElement[bool]]:
    return [Application.claimed_by == clerk.id, Application.claimed_until > now]


def _escalated(session: Session, clerk: Staff) -> int:
    """Cases of offices below whose last day passed and that still wait there."""
    some = (
        select(literal(1))
        .join_from(StaffNotice, Application, Application.id == StaffNotice.application_id)
        .where(
            StaffNotice.region == clerk.region,
            StaffNotice.kind == policy.PASSED_NOTICE,
            StaffNotice.due_on == Application.due_on,
            Application.status.in_(REVIEWABLE),
            Application.queue != clerk.level,
        )
        .limit(MOST)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(some)) or 0


def _count(session: Session, conditions: list[ColumnElement[bool]], most: int = MOST) -> int:
    some = select(literal(1)).where(*conditions).select_from(Application).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0
