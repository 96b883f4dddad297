"""Which cases of a resident are not finished: an account cannot be erased before they are."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.lifecycles.application import OPEN, ApplicationStatus
from backend.models.application import Application

#: Approved is still on its way to a certificate.
UNFINISHED = (*OPEN, ApplicationStatus.APPROVED)


def open_numbers(session: Session, resident_id: int) -> list[str]:
    """The numbers of the cases between submission and their end, oldest first."""
    statement = select(Application.number).where(
        Application.resident_id == resident_id, Application.status.in_([status.value for status in UNFINISHED])
    )
    return [number or "" for number in session.scalars(statement.order_by(Application.created_at))]
