"""Counting cases: where a topic says that something countable happened, its worker writes the facts down.

In the same transaction as the topic's own work: a worker that is killed leaves both or neither, and a message that
is worked off twice counts once, because facts are read off the case as it stands.
"""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy.orm import Session

from backend.applications import facts as cases
from backend.kernel.workdays import Calendar
from backend.openness import facts

TOPICS = frozenset(
    {
        "application_submitted",
        "application_approved",
        "application_rejected",
        "application_withdrawn",
        "application_lapsed",
        "application_reopened",
        "correction_requested",
        "correction_cancelled",
        "case_rated",
    }
)


def count(session: Session, *, calendar: Calendar, application_id: int) -> bool:
    """Write down what counts of one case; False for a case that is not counted."""
    session.flush()
    found = cases.of(session, calendar=calendar, application_id=application_id)
    if found is not None:
        facts.put(session, **asdict(found))
    return found is not None
