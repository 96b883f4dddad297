"""How long materials stay after the end of a case: until it can hardly be taken up again, then they are destroyed.

PRODUCT §2 rule 5: scans of documents do not outlive the decision. The grace (``material_days`` of the item) leaves
room for objections and a reopening; a reopened case keeps what is still there.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from backend.catalogue import queries as catalogue
from backend.documents import service as documents
from backend.models.application import Application


def start(session: Session, row: Application, *, now: datetime) -> None:
    """Decided, withdrawn or lapsed: every material of the case gets its day of destruction."""
    item = catalogue.definition(session, row.service_item, row.service_item_version)
    day = now + timedelta(days=item.material_days)
    documents.schedule_purge(session, owner_kind="application", owner_id=row.id, at=day)


def stop(session: Session, row: Application) -> None:
    """Reopened: what the applicant had not taken out stays until the next decision."""
    documents.lift_purge(session, owner_kind="application", owner_id=row.id)
