"""What messages about a payment may mention: whose it is, for which benefit and period. No amount, no account."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.models.benefit import Payment, PaymentAttempt, Recipient


@dataclass(frozen=True, slots=True)
class Subject:
    """``mended``: it was paid meanwhile, or stands in a batch again."""

    resident_id: int
    service_item: str
    town: str
    period: str
    mended: bool


def of_attempt(session: Session, attempt_id: int) -> Subject | None:
    """The payment behind an attempt that the bank answered."""
    found = session.execute(
        select(Payment, Recipient)
        .join(PaymentAttempt, PaymentAttempt.payment_id == Payment.id)
        .join(Recipient, Recipient.id == Payment.recipient_id)
        .where(PaymentAttempt.id == attempt_id)
    ).one_or_none()
    if found is None:
        return None
    payment, recipient = found
    mended = payment.paid_at is not None or payment.batch_id is not None
    return Subject(recipient.resident_id, payment.service_item, recipient.town, payment.period, mended)
