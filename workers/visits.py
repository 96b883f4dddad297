"""Telling a resident about a visit at home: the subject of these topics is the visit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.applications.visits import facts
from backend.events.leasing import Leased
from backend.runtime import Runtime
from workers import telling
from workers.kinds import together


def say(session: Session, runtime: Runtime, row: Leased, now: datetime) -> None:
    """One message of the topic's name; none once the visit is over or gone."""
    found = facts(session, visit_id=row.subject_id, topic=row.topic, phone=runtime.settings.phone, now=now)
    if found is None:
        return
    telling.tell(
        session,
        runtime,
        row,
        resident_id=found.resident_id,
        facts=found.params,
        application_id=found.application_id,
        application_number=found.number,
        not_after=found.starts_at,
        now=now,
    )


tell = together(say)
