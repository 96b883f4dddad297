"""What follows from decisions for benefits: the list of recipients follows the cases, and people are told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.applications import grants
from backend.benefits import recipients
from backend.benefits.policy import Account
from backend.benefits.recipients import Grant
from backend.events.leasing import Leased
from backend.runtime import Runtime
from workers.kinds import together
from workers.notify import say


def enrol(session: Session, runtime: Runtime, application_id: int, now: datetime) -> None:
    """An approved case of an item with a benefit puts its holder on the list; other cases change nothing."""
    found = grants.granted(session, runtime.vault, application_id=application_id)
    if found is None:
        return
    grant = Grant(
        application_id=found.application_id,
        resident_id=found.resident_id,
        helped=found.helped,
        seal=found.seal,
        service_item=found.service_item,
        village=found.village,
        town=found.town,
        county=found.county,
        holder_masked=found.holder_masked,
        person_index=found.person_index,
        amount_class=found.amount_class,
        account=Account(found.holder, found.bank, found.account),
        granted_at=found.decided_at,
    )
    recipients.enrol(session, grant=grant, now=now)


def _reopened(session: Session, runtime: Runtime, row: Leased, now: datetime) -> None:
    """The message, and the end of what the decision gave, unless the case was decided again meanwhile."""
    say(session, runtime, row, now)
    recipients.reopened(session, application_id=row.subject_id, decided_before=row.created_at, now=now)


reopened = together(_reopened)
