"""What the bank answered, told to the people it concerns: the money is there, or please check the account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.benefits import answers, periods
from backend.benefits.returns import FAILED
from backend.catalogue import queries as catalogue
from backend.events.leasing import Leased
from backend.kernel.clock import local
from backend.runtime import Runtime
from workers import telling
from workers.kinds import together


def _tell(session: Session, runtime: Runtime, row: Leased, now: datetime) -> None:
    """One message about the attempt ``row.subject_id``; a refusal that was mended meanwhile is not told."""
    subject = answers.of_attempt(session, row.subject_id)
    if subject is None or (row.topic == FAILED and subject.mended):
        return
    office = catalogue.office(session, subject.town)
    facts = {
        "service": catalogue.definition(session, subject.service_item).name,
        "period": str(local(now).year) if subject.period == periods.ONCE else subject.period,
        "phone": office.phone or runtime.settings.phone,
    }
    telling.tell(session, runtime, row, resident_id=subject.resident_id, facts=facts, now=now)


tell = together(_tell)
