"""Telling a resident about a visit at home: the subject of these topics is the visit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.applications.visits import facts
from backend.events.leasing import Leased
from backend.notifications import service as notifications
from backend.runtime import Runtime
from workers.kinds import together


def say(session: Session, runtime: Runtime, row: Leased, now: datetime) -> None:
    """One message of the topic's name; none once the visit is over or gone."""
    found = facts(session, visit_id=row.subject_id, topic=row.topic, phone=runtime.settings.phone, now=now)
    if found is None:
        return
    notifications.tell(
        session,
        runtime.vault,
        resident_id=found.resident_id,
        template=row.topic,
        event=row.dedupe_key,
        params=found.params,
        application_id=found.application_id,
        application_number=found.number,
        now=now,
    )


tell = together(say)
