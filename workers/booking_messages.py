"""Telling a couple about its booking, each in their own inbox: the subject of these topics is the booking."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.bookings import messages
from backend.events.leasing import Leased
from backend.runtime import Runtime
from workers import telling
from workers.kinds import together

#: What gives a booking a time, and so its reminders.
TIMED = (messages.CONFIRMED, messages.RESCHEDULED)


def say(session: Session, runtime: Runtime, row: Leased, now: datetime) -> None:
    """One message of the topic's name to each; none when it is no longer so."""
    sequence, hours = int(row.dedupe_key.rpartition(":")[2]), int(row.reference.partition(":")[0] or 0)
    found = messages.facts(
        session,
        booking_id=row.subject_id,
        topic=row.topic,
        sequence=sequence,
        phone=runtime.settings.phone,
        now=now,
        hours=hours,
    )
    if row.topic in TIMED:
        messages.remind_later(session, booking_id=row.subject_id, sequence=sequence, now=now)
    if found is None:
        return
    for resident_id in found.residents:
        telling.tell(
            session,
            runtime,
            row,
            resident_id=resident_id,
            facts=found.params,
            not_after=found.not_after,
            now=now,
        )


tell = together(say)
