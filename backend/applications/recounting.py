"""Open cases after a change of the calendar: a promised day may come nearer, never later (ADR 21)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import deadlines, policy
from backend.applications.policy import Deadlines
from backend.catalogue import queries as catalogue
from backend.events import audit
from backend.kernel.actors import SYSTEM
from backend.kernel.clock import today
from backend.kernel.workdays import Calendar
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.application import Application, ApplicationHistory

RUNNING = (S.SUBMITTED.value, S.IN_REVIEW.value, S.IN_NOTICE.value)
#: What begins the count of days.
BEGINNINGS = ("submit", "reopen")


def recount(session: Session, *, calendar: Calendar, since: date, after: int, now: datetime, limit: int) -> int:
    """Count a piece of the open cases due on or after ``since`` again, by id; the last id, 0 when none is left.

    A case whose clock stands still is counted by the new calendar when it goes on.
    """
    query = select(Application).where(
        Application.status.in_(RUNNING),
        Application.paused_at.is_(None),
        Application.due_on >= max(since, today(now)),
        Application.id > after,
    )
    rows = session.scalars(query.order_by(Application.id).limit(limit)).all()
    for row in rows:
        _recount(session, row, calendar, now)
    return rows[-1].id if len(rows) == limit else 0


def _recount(session: Session, row: Application, calendar: Calendar, now: datetime) -> None:
    counted = _counted(session, row, calendar)
    if counted is None or row.due_on is None or row.legal_due_on is None or counted.due_on >= row.due_on:
        return
    # No office is late because an administrator typed: the day is never put into the past.
    near = max(counted.due_on, today(now))
    if near >= row.due_on:
        return
    changes = {
        "due_on": near,
        "legal_due_on": max(near, min(counted.legal_due_on, row.legal_due_on)),
        "due_at": policy.end_of_day(near),
        "warn_at": max(counted.warn_at, now),
    }
    audit.note(session, row, act="deadline.recount", actor=SYSTEM, now=now, changes=changes)


def _counted(session: Session, row: Application, calendar: Calendar) -> Deadlines | None:
    """The days as they would have been promised with this calendar, every pause counted as it was."""
    began = session.scalar(
        select(ApplicationHistory.at)
        .where(ApplicationHistory.subject_id == row.id, ApplicationHistory.move.in_(BEGINNINGS))
        .order_by(ApplicationHistory.id.desc())
        .limit(1)
    )
    if began is None:
        return None
    definition = catalogue.definition(session, row.service_item, row.service_item_version)
    limits = policy.deadlines(definition, calendar, today(began))
    for first, last in _pauses(session, row, began):
        limits = policy.prolonged(
            calendar,
            due_on=limits.due_on,
            legal_due_on=limits.legal_due_on,
            promised_days=definition.promised_days,
            paused_on=today(first),
            today=today(last),
        )
    return limits


def _pauses(session: Session, row: Application, began: datetime) -> list[tuple[datetime, datetime]]:
    """The times in which the clock stood still, overlapping pauses as one."""
    joined: list[tuple[datetime, datetime]] = []
    for one in sorted(deadlines.pauses(session, row.id), key=lambda pause: pause.began_at):
        if one.ended_at is None or one.began_at < began:
            continue
        if joined and one.began_at <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], one.ended_at))
        else:
            joined.append((one.began_at, one.ended_at))
    return joined
