"""Everything that was said around a case, for the desk: corrections, what they changed, questions, notes."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.applications import correction_views, differences, notes, questions, records
from backend.applications.policy import Reviewer

#: The page of a case shows so many notes; the API lists them all.
NOTES = 50


def at_desk(session: Session, case: records.Case, *, reviewer: Reviewer) -> dict[str, Any]:
    """The parts of a case's desk view that this domain's conversation owns."""
    changes = differences.changes(session, case)
    page = notes.of(session, case, limit=NOTES)
    return {
        "changes": changes,
        "questions": questions.of(session, case),
        "notes": page.items,
        "more_notes": page.next_cursor is not None,
        **correction_views.for_staff(session, case, reviewer=reviewer, changes=changes),
    }
