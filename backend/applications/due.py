"""Due work: rows whose time has come, found by the relay; each sweep is safe to run twice and at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from backend.applications import deadlines, drafts, policy, routing, submission
from backend.events import audit, moves, outbox
from backend.kernel import ids
from backend.kernel.actors import SYSTEM
from backend.kernel.clock import today
from backend.kernel.workdays import Calendar
from backend.lifecycles.application import APPLICATION, LAPSED, REVIEWABLE, ApplicationStatus as S
from backend.models.application import Application, StaffNotice
from backend.models.region import Region
from backend.models.staff import Staff

BATCH = 200
#: The topic of a draft that waits for its applicant.
WAITING = "draft_waiting"


def release_claims(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Claims whose lease ran out, or whose clerk may no longer act, go back to the queue."""
    disabled = Application.claimed_by.in_(select(Staff.id).where(Staff.active.is_(False)))
    rows = _due(session, Application.claimed_by.is_not(None), Application.claimed_until <= now, limit=limit)
    rows += _due(session, disabled, Application.claimed_until > now, limit=limit - len(rows))
    for row in rows:
        free = {"claimed_by": None, "claimed_until": None}
        audit.note(session, row, act="claim.expire", actor=SYSTEM, now=now, changes=free)
    return len(rows)


def warn_drafts(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Tell people once that a draft will be deleted in two weeks."""
    near = (Application.expires_at <= now + policy.DRAFT_WARNING, Application.expiry_warned_at.is_(None))
    rows = _due(session, Application.status == S.DRAFT.value, *near, limit=limit)
    for row in rows:
        _quietly(session, row, expiry_warned_at=now)
        # The version: a draft that was touched and comes near its end again is told again.
        key = f"draft_expiring:{row.id}:{row.version}"
        outbox.add(session, topic="draft_expiring", subject_id=row.id, dedupe_key=key, now=now)
    return len(rows)


def remind_drafts(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Speak once of a draft that was left lying; not where its end was spoken of already."""
    left = (Application.updated_at <= now - policy.DRAFT_IDLE, Application.expires_at > now)
    silent = (Application.reminded_at.is_(None), Application.expiry_warned_at.is_(None))
    rows = _due(session, Application.status == S.DRAFT.value, *left, *silent, limit=limit)
    for row in rows:
        _quietly(session, row, reminded_at=now)
        outbox.add(session, topic=WAITING, subject_id=row.id, dedupe_key=f"{WAITING}:{row.id}", now=now)
    return len(rows)


def expire_drafts(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Delete drafts that were warned and not touched since."""
    ended = (Application.expires_at <= now, Application.expiry_warned_at <= now - policy.DRAFT_WARNING / 2)
    rows = _due(session, Application.status == S.DRAFT.value, *ended, limit=limit)
    for row in rows:
        drafts.erase(session, row.id, now=now)
    return len(rows)


def lapse_corrections(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """End cases whose correction was not answered in time; applying again starts prefilled."""
    rows = _due(session, Application.status == S.CORRECTION.value, Application.expires_at <= now, limit=limit)
    for row in rows:
        row.ended_as = LAPSED
        moves.apply(session, row, "lapse", lifecycle=APPLICATION, actor=SYSTEM, now=now)
        submission.end(session, row, now)
    return len(rows)


def warn_deadlines(session: Session, *, calendar: Calendar, now: datetime, limit: int = BATCH) -> int:
    """Tell the office that handles a case when 60 % of the time is used up, and one working day before the last day;
    each once for each last day.

    A correction answered on the day it was asked for, or a reopening, sets the same last day again.
    """
    rows = _due(session, Application.status.in_(REVIEWABLE), Application.warn_at <= now, limit=limit)
    for row in rows:
        moments = policy.warnings(calendar, row.due_on or today(now), deadlines.promised(session, row))
        passed = [one.kind for one in moments if one.at <= now]
        if passed and not session.scalar(select(_told(passed[-1], row.id, row.due_on))):
            _tell(session, row, row.queue, passed[-1], now)
        _quietly(session, row, warn_at=next((one.at for one in moments if one.at > now), None))
    return len(rows)


def escalate_deadlines(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Tell the level above, and the applicant, of every case whose last day has passed, once."""
    told = _told("deadline_passed", Application.id, Application.due_on)
    rows = _due(session, Application.status.in_(REVIEWABLE), Application.due_at <= now, ~told, limit=limit)
    for row in rows:
        above = policy.LEVELS[min(policy.rank(row.queue) + 1, len(policy.LEVELS) - 1)]
        _tell(session, row, above, "deadline_passed", now)
        audit.note(session, row, act="deadline.passed", actor=SYSTEM, now=now)
        key = f"deadline_escalation:{row.id}:{row.due_at:%Y%m%d}"
        outbox.add(session, topic="deadline_escalation", subject_id=row.id, dedupe_key=key, now=now)
    return len(rows)


def _told(kind: str, application_id: Any, due_on: Any) -> ColumnElement[bool]:
    """Whether an office heard this already; both may be columns or values."""
    same = (StaffNotice.application_id == application_id, StaffNotice.due_on == due_on)
    return select(StaffNotice.id).where(StaffNotice.kind == kind, *same).exists()


def reroute(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Move cases out of offices that lost their staff; a case is never in a queue that nobody works on."""
    moved = 0
    for level in policy.LEVELS:
        # From the offices to the cases: few are empty, many cases wait.
        empty = select(Region.code).where(Region.level == level, ~routing.staffed(Region.code))
        # Without anyone anywhere a case stays: such cases must not fill the batch and hide those that can move.
        others = or_(*(routing.staffed(getattr(Application, name)) for name in policy.LEVELS if name != level))
        moved += routing.move_all(session, level, getattr(Application, level).in_(empty), others, now=now, limit=limit)
    return moved


def _due(session: Session, *conditions: ColumnElement[bool], limit: int) -> list[Application]:
    """Due rows, locked for this sweep; rows that another process works on are left to it."""
    query = select(Application).where(*conditions).limit(limit).with_for_update(skip_locked=True)
    return list(session.scalars(query))


def _tell(session: Session, row: Application, level: str, kind: str, now: datetime) -> None:
    region = {"village": row.village, "town": row.town, "county": row.county}[level]
    if row.due_on is None or row.number is None:
        return
    session.add(
        StaffNotice(
            id=ids.new_id(now),
            region=region,
            kind=kind,
            application_id=row.id,
            number=row.number,
            due_on=row.due_on,
            at=now,
        )
    )


def _quietly(session: Session, row: Application, **values: object) -> None:
    """Set columns that are no revision of the case."""
    session.execute(
        update(Application).where(Application.id == row.id).values(**values),
        execution_options={"synchronize_session": False},
    )
