"""Telling a person that a result is there, and nothing else about it: the subject of the topic is the result."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.bookings import results
from backend.events.leasing import Leased
from backend.runtime import Runtime
from workers import telling
from workers.kinds import together


def say(session: Session, runtime: Runtime, row: Leased, now: datetime) -> None:
    """One message; none once it was erased."""
    who = results.whom_to_tell(session, row.subject_id)
    if who is not None:
        telling.tell(session, runtime, row, resident_id=who, facts={}, now=now)


tell = together(say)
