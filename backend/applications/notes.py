"""Internal notes 内部备注: what clerks tell each other about a case. No resident's page, export or paper reads them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from backend.applications import claims, hands, records, views
from backend.applications.policy import Reviewer
from backend.applications.queries import Page
from backend.events import audit
from backend.kernel import cursors, ids
from backend.kernel.crypto import Vault, place
from backend.models.application import InternalNote


def write(session: Session, *, vault: Vault, reviewer: Reviewer, number: str, text: str, now: datetime) -> int:
    """Add a note to a case of the jurisdiction, whoever holds it; its id.

    Sealed with the applicant's key: it may name them, so that it must become unreadable with them.
    """
    row = claims.in_jurisdiction(session, reviewer, number)
    hands.check_parties(session, reviewer, row)
    case = records.whole(session, vault, row)
    note = InternalNote(id=ids.new_id(now), application_id=row.id, staff_id=reviewer.id, post=reviewer.post, at=now)
    note.text = case.seal.seal_text(text, place("internal_note", "text", note.id))
    session.add(note)
    claims.renew(session, row, reviewer, now)
    who = claims.actor(reviewer)
    audit.note(session, row, act="note.write", actor=who, now=now, commitment=records.commitment(note.text))
    return note.id


def page(
    session: Session, vault: Vault, *, reviewer: Reviewer, number: str, limit: int, cursor: str | None = None
) -> Page:
    """The notes of a case, newest first; 404 outside the jurisdiction, 403 for the clerk's own case."""
    row = claims.in_jurisdiction(session, reviewer, number, lock=False)
    hands.check_parties(session, reviewer, row)
    return of(session, records.whole(session, vault, row), limit=limit, cursor=cursor)


def of(session: Session, case: records.Case, *, limit: int, cursor: str | None = None) -> Page:
    """The same for a case that was looked up already."""
    query = select(InternalNote).where(InternalNote.application_id == case.row.id)
    after = cursors.read(cursor)
    if after:
        moment, row_id = after
        query = query.where(or_(InternalNote.at < moment, and_(InternalNote.at == moment, InternalNote.id < row_id)))
    rows = list(session.scalars(query.order_by(InternalNote.id.desc()).limit(limit + 1)))
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    return Page([_shown(case, row) for row in shown], cursors.make(last.at, last.id) if last else None)


def _shown(case: records.Case, row: InternalNote) -> dict[str, Any]:
    return {
        "id": ids.encode(row.id),
        "post": row.post,
        "at": views.iso(row.at),
        "text": case.seal.open_text(row.text, place("internal_note", "text", row.id)),
    }
