"""What a spouse reads before signing: the content of the application they were invited to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import people, queries, records
from backend.kernel.crypto import Vault
from backend.models.application import Application


def proposal(session: Session, vault: Vault, *, code: str, now: datetime) -> dict[str, Any]:
    """Item, version and answers behind an open invitation, with the names of places; ``NotFound`` otherwise.

    No name and no document of the applicant: the signer knows whose spouse they are.
    """
    invitation = people.invited(session, vault, code=code, now=now)
    row = session.scalar(select(Application).where(Application.id == invitation.application_id))
    if row is None:
        raise records.not_found()
    answers = records.whole(session, vault, row).answers()
    return {
        "service_item": row.service_item,
        "service_item_version": row.service_item_version,
        "answers": answers,
        "places": queries.places(session, answers),
    }
