"""What follows an approval: the certificate, or, for items that end without one, the message."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.applications import issuing, supplies
from backend.events.leasing import Leased
from backend.lifecycles.application import ApplicationStatus
from backend.models.application import Application
from backend.runtime import Runtime
from workers.benefits import enrol
from workers.kinds import singly
from workers.notify import say


def approve(session: Session, runtime: Runtime, row: Leased, now: datetime) -> None:
    """Issue; a case that was reopened meanwhile gets neither certificate nor message."""
    number = issuing.issue(
        session, vault=runtime.vault, application_id=row.subject_id, issuer=runtime.settings.issuer, now=now
    )
    supplies.prepare(session, runtime.vault, application_id=row.subject_id, now=now)
    if number is None:
        case = session.get(Application, row.subject_id)
        if case is not None and case.status == ApplicationStatus.APPROVED:
            say(session, runtime, row, now)
    enrol(session, runtime, row.subject_id, now)


approved = singly(approve)
