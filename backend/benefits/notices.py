"""What messages about a benefit may mention: whose it is, which one, whom to call. No amount, no account, no reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.models.benefit import Confirmation, ConfirmationCampaign, Recipient


@dataclass(frozen=True, slots=True)
class Subject:
    """``open``: an answer is still wanted."""

    resident_id: int
    service_item: str
    town: str
    application_id: int
    answer_by: date | None = None
    open: bool = True


def of_recipient(session: Session, recipient_id: int) -> Subject | None:
    row = session.get(Recipient, recipient_id)
    return Subject(row.resident_id, row.service_item, row.town, row.application_id) if row else None


def of_confirmation(session: Session, confirmation_id: int) -> Subject | None:
    found = session.execute(
        select(Confirmation, Recipient, ConfirmationCampaign)
        .join(Recipient, Recipient.id == Confirmation.recipient_id)
        .join(ConfirmationCampaign, ConfirmationCampaign.id == Confirmation.campaign_id)
        .where(Confirmation.id == confirmation_id)
    ).one_or_none()
    if found is None:
        return None
    row, who, campaign = found
    answered = row.confirmed_at or row.changed_at or campaign.closed_at or who.ended_on
    return Subject(who.resident_id, who.service_item, who.town, who.application_id, campaign.answer_by, not answered)
