"""The clock of a case: its two last days, and the pauses in which it stands still, kept as intervals.

Pauses may overlap (a correction, an objection that waits for its answer); the clock runs again when the last of
them ends, and the working days in which it stood still are added once to the promised and the legal last day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import policy
from backend.catalogue import queries as catalogue
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.workdays import Calendar
from backend.models.application import Application, Pause

CORRECTION, OBJECTION = "correction", "objection"


def put(row: Application, limits: policy.Deadlines) -> None:
    """The promised and the legal last day, and the moments that follow from them."""
    row.due_on, row.legal_due_on = limits.due_on, limits.legal_due_on
    row.due_at, row.warn_at = limits.due_at, limits.warn_at


def pause(session: Session, row: Application, kind: str, *, now: datetime) -> None:
    """Stop the clock; where it stands already, only the interval is written down."""
    session.add(Pause(id=ids.new_id(now), application_id=row.id, kind=kind, began_at=now))
    row.paused_at = row.paused_at or now


def resume(session: Session, row: Application, kind: str, *, calendar: Calendar, now: datetime) -> None:
    """End the interval of a kind; with the last open one the deadlines move and the clock runs again."""
    going = _open(session, row)
    for one in going:
        if one.kind == kind:
            one.ended_at = now
    # Cases that were paused before intervals were kept have ``paused_at`` only.
    if row.paused_at is None or any(one.ended_at is None for one in going):
        return
    if row.due_on is not None and row.legal_due_on is not None:
        limits = policy.prolonged(
            calendar,
            due_on=row.due_on,
            legal_due_on=row.legal_due_on,
            promised_days=promised(session, row),
            paused_on=today(row.paused_at),
            today=today(now),
        )
        put(row, limits)
    row.paused_at = None


def promised(session: Session, row: Application) -> int:
    """Working days the item promises, in the version the case keeps."""
    return catalogue.definition(session, row.service_item, row.service_item_version).promised_days


def projected(row: Application, calendar: Calendar, now: datetime) -> dict[str, str | None] | None:
    """The last day of a paused case, if it went on today or on its correction's last day; ``None`` while it runs."""
    if row.paused_at is None or row.due_on is None:
        return None
    answer_by = today(row.expires_at) - timedelta(days=1) if row.expires_at else None
    found = policy.projected(
        calendar, due_on=row.due_on, paused_on=today(row.paused_at), today=today(now), answer_by=answer_by
    )
    last = found.if_last_day
    return {"if_today": found.if_today.isoformat(), "if_last_day": last.isoformat() if last else None}


def stop(session: Session, row: Application, *, now: datetime) -> None:
    """The case ended: no interval stays open, and no deadline moves any more."""
    for one in _open(session, row):
        one.ended_at = now
    row.paused_at = None


def pauses(session: Session, application_id: int) -> list[Pause]:
    """Every interval of a case, oldest first."""
    return list(session.scalars(select(Pause).where(Pause.application_id == application_id).order_by(Pause.id)))


def _open(session: Session, row: Application) -> list[Pause]:
    with session.no_autoflush:
        return list(session.scalars(select(Pause).where(Pause.application_id == row.id, Pause.ended_at.is_(None))))
