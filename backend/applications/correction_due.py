"""Corrections whose time has come: the applicant is reminded, and consents do not wait where nobody works."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, case, select, update
from sqlalchemy.orm import Session

from backend.applications import policy, routing, second_corrections
from backend.events import outbox
from backend.kernel.clock import SHANGHAI, today
from backend.kernel.workdays import Calendar
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.application import Application, Correction
from backend.models.staff import Staff

REMINDER = "correction_reminder"
#: Nobody is reminded before eight in the morning.
MORNING = timedelta(hours=8)
BATCH = 200


def remind(session: Session, *, calendar: Calendar, now: datetime, limit: int = BATCH) -> int:
    """Remind once, three working days before the last day; not on the day of the notice itself."""
    day = today(now - MORNING)
    until = policy.end_of_day(calendar.add(day, policy.CORRECTION_REMINDER))
    midnight = datetime.combine(day, datetime.min.time(), SHANGHAI)
    query = (
        select(Correction.id, Correction.due_on, Application.id)
        .join(Application, Application.id == Correction.application_id)
        .where(
            Application.status == S.CORRECTION.value,
            Application.expires_at > now,
            Application.expires_at <= until,
            Correction.closed_at.is_(None),
            Correction.waits_for.is_(None),
            Correction.reminded_at.is_(None),
            Correction.opened_at < midnight,
        )
        .limit(limit)
    )
    found = session.execute(query).all()
    for notice_id, due_on, application_id in found:
        if _first(session, notice_id, now):
            key = f"{REMINDER}:{notice_id}:{due_on}"
            outbox.add(session, topic=REMINDER, subject_id=application_id, dedupe_key=key, now=now)
    return len(found)


def _first(session: Session, notice_id: int, now: datetime) -> bool:
    """Whether it is ours to remind: another sweep, or an answer, may have been faster."""
    mine = (Correction.id == notice_id, Correction.reminded_at.is_(None), Correction.closed_at.is_(None))
    mark = update(Correction).where(*mine).values(reminded_at=now)
    done = session.execute(mark, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", done).rowcount == 1


def move_consents(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Proposals that wait where nobody is left go on to the next level, or end; how many moved."""
    query = (
        select(Application, Correction)
        .join(Correction, Correction.application_id == Application.id)
        .where(Correction.waits_for.in_(policy.LEVELS), Correction.closed_at.is_(None), _alone())
        .order_by(Correction.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Application)
    )
    found = session.execute(query).all()
    return sum(second_corrections.move(session, notice, row, now=now) for row, notice in found)


def _alone() -> ColumnElement[bool]:
    """Nobody but the proposer is at work where the proposal waits."""
    columns = {level: getattr(Application, level) for level in policy.LEVELS}
    office = case(columns, value=Correction.waits_for)
    there = (*routing.at_work(office), Staff.id != Correction.opened_by)
    return ~select(Staff.id).where(*there).exists()
