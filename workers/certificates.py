"""Certificates near their end in the background: finding them, and telling their holders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.applications import renewal
from backend.applications.policy import end_of_day
from backend.certificates import expiry
from backend.events.leasing import Leased
from backend.runtime import Runtime
from workers import telling
from workers.housekeeping import sweep
from workers.kinds import together


def say(session: Session, runtime: Runtime, row: Leased, now: datetime) -> None:
    """One message with the way to the next certificate; none where that is under way, and none after the end."""
    found = expiry.ending(session, certificate_id=row.subject_id, now=now)
    if found is None or renewal.under_way(session, application_id=found.application_id):
        return
    facts: telling.Facts = {
        "title": found.title,
        "number": found.number,
        "expires_on": found.expires_on,
        "link": f"{runtime.settings.base_url}/certificates/{found.number}/renewal",
        "phone": runtime.settings.phone,
    }
    not_after = end_of_day(found.expires_on)
    telling.tell(session, runtime, row, resident_id=found.resident_id, facts=facts, not_after=not_after, now=now)


tell = together(say)


def remind(runtime: Runtime) -> int:
    return sweep(runtime, expiry.remind, now=runtime.clock())
