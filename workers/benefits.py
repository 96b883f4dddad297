"""What follows from decisions for benefits: the list of recipients follows the cases, and people are told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.applications import grants
from backend.applications.policy import end_of_day
from backend.benefits import campaigns, notices, recipients
from backend.benefits.policy import Account
from backend.benefits.recipients import Grant
from backend.catalogue import queries as catalogue
from backend.events.leasing import Leased
from backend.runtime import Runtime
from workers import telling
from workers.kinds import singly, together
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
        occasion=str(found.application_id) if found.once else "",
    )
    recipients.enrol(session, grant=grant, now=now)


def _reopened(session: Session, runtime: Runtime, row: Leased, now: datetime) -> None:
    """The message, and the end of what the decision gave, unless the case was decided again meanwhile."""
    say(session, runtime, row, now)
    recipients.reopened(session, application_id=row.subject_id, decided_before=row.created_at, now=now)


reopened = together(_reopened)


def _open(session: Session, runtime: Runtime, row: Leased, now: datetime) -> None:
    """One piece of a campaign; the next one is left behind by the same commit."""
    campaigns.open_piece(session, campaign_id=row.subject_id, now=now)


opened = singly(_open)

#: Messages that mean nothing any more once the person has answered.
QUESTIONS = (campaigns.ASKED, campaigns.REMINDER, campaigns.OFFER)
#: Of these, the ones that name a day, after which nobody is to be sent for them.
BY_A_DAY = (campaigns.ASKED, campaigns.REMINDER)


def _ask(session: Session, runtime: Runtime, row: Leased, now: datetime) -> None:
    """A message about a confirmation."""
    subject = notices.of_confirmation(session, row.subject_id)
    if subject and (subject.open or row.topic not in QUESTIONS):
        _say(session, runtime, row, subject, now)


def _tell(session: Session, runtime: Runtime, row: Leased, now: datetime) -> None:
    """A message about what was changed on the list."""
    subject = notices.of_recipient(session, row.subject_id)
    if subject:
        _say(session, runtime, row, subject, now)


def _say(session: Session, runtime: Runtime, row: Leased, subject: notices.Subject, now: datetime) -> None:
    office = catalogue.office(session, subject.town)
    facts = {
        "service": catalogue.definition(session, subject.service_item).name,
        "phone": office.phone or runtime.settings.phone,
        "answer_by": subject.answer_by,
    }
    not_after = end_of_day(subject.answer_by) if row.topic in BY_A_DAY and subject.answer_by else None
    telling.tell(session, runtime, row, resident_id=subject.resident_id, facts=facts, not_after=not_after, now=now)


asks = together(_ask)
tells = together(_tell)
