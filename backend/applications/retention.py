"""How long what was handed in stays: materials until a case can hardly be taken up again, the rest as the item says.

PRODUCT §2 rule 5: scans of documents do not outlive the decision. The grace (``material_days`` of the item) leaves
room for objections and a reopening; a reopened case keeps what is still there. ``retention_days`` after its end the
content of a case is destroyed too. What stays: number, places, dates, states, the chain, what was counted, and the
certificate, which is the person's own and must verify as long as it says.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.applications import records
from backend.catalogue import queries as catalogue
from backend.documents import service as documents
from backend.events import audit
from backend.kernel.actors import SYSTEM
from backend.kernel.crypto import Unreadable, Vault, place
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.application import (
    Application,
    ApplicationHistory,
    ApplicationRevision,
    CaseSeen,
    Correction,
    Cosignature,
    InternalNote,
    Mandate,
    Question,
)
from backend.models.benefit import Recipient
from backend.models.notice import Objection
from backend.models.retention import CaseRetention
from backend.models.service import HomeVisit
from backend.models.statistics import Rating

ENDED = (S.APPROVED, S.ISSUED, S.REJECTED, S.WITHDRAWN)
#: Rows that hold nothing but content of one case.
CONTENT: tuple[Any, ...] = (
    ApplicationRevision,
    CaseSeen,
    Correction,
    Cosignature,
    HomeVisit,
    InternalNote,
    Mandate,
    Objection,
    Question,
)
#: Looked at again after so long, while a benefit is still paid on the grounds of the case.
AGAIN = timedelta(days=365)


def start(session: Session, row: Application, *, now: datetime) -> None:
    """Decided, withdrawn or lapsed: materials and content get their days of destruction."""
    item = catalogue.definition(session, row.service_item, row.service_item_version)
    day = now + timedelta(days=item.material_days)
    documents.schedule_purge(session, owner_kind="application", owner_id=row.id, at=day)
    with session.no_autoflush:  # a case that is being changed is written once, at the end
        kept = session.get(CaseRetention, row.id)
    if kept is None:
        kept = CaseRetention(application_id=row.id)
        session.add(kept)
    kept.ended_at, kept.destroy_at = now, now + timedelta(days=item.retention_days)


def stop(session: Session, row: Application) -> None:
    """Reopened: what the applicant had not taken out stays until the next decision."""
    documents.lift_purge(session, owner_kind="application", owner_id=row.id)
    gone = delete(CaseRetention).where(CaseRetention.application_id == row.id, CaseRetention.destroyed_at.is_(None))
    with session.no_autoflush:
        session.execute(gone, execution_options={"synchronize_session": False})


def reckon(session: Session, *, limit: int) -> int:
    """Set the day for cases that ended before days were kept; how many."""
    without_day = (CaseRetention.destroyed_at.is_(None), CaseRetention.destroy_at.is_(None))
    rows = session.scalars(select(CaseRetention).where(*without_day).limit(limit)).all()
    for row in rows:
        case = session.get_one(Application, row.application_id)
        item = catalogue.definition(session, case.service_item, case.service_item_version)
        row.destroy_at = row.ended_at + timedelta(days=item.retention_days)
    return len(rows)


def due(session: Session, *, now: datetime, limit: int) -> list[str]:
    """The numbers of cases whose time is over, the oldest first: what a dry run shows."""
    query = select(Application.number).join(CaseRetention, CaseRetention.application_id == Application.id)
    return [number or "" for number in session.scalars(query.where(*_over(now)).order_by(*_ORDER).limit(limit))]


def destroy(session: Session, *, vault: Vault, now: datetime, limit: int) -> int:
    """Destroy the content of cases whose time is over; how many rows were looked at."""
    rows = session.scalars(select(CaseRetention).where(*_over(now)).order_by(*_ORDER).limit(limit)).all()
    for kept in rows:
        row = session.scalar(select(Application).where(Application.id == kept.application_id).with_for_update())
        if row is None or row.status not in ENDED:
            session.delete(kept)
        elif _paid(session, row.id):
            kept.destroy_at = now + AGAIN
        else:
            _empty(session, vault, row, now)
            kept.destroyed_at = now
    return len(rows)


_ORDER = (CaseRetention.destroy_at, CaseRetention.application_id)


def _over(now: datetime) -> tuple[Any, ...]:
    return CaseRetention.destroyed_at.is_(None), CaseRetention.destroy_at <= now


def _paid(session: Session, application_id: int) -> bool:
    """Whether a benefit goes on that follows from this case: its grounds must be there."""
    going = (Recipient.application_id == application_id, Recipient.ended_on.is_(None))
    return session.scalar(select(Recipient.id).where(*going)) is not None


def _empty(session: Session, vault: Vault, row: Application, now: datetime) -> None:
    for table in CONTENT:
        session.execute(delete(table).where(table.application_id == row.id), **_QUIET)
    silent = update(ApplicationHistory).where(ApplicationHistory.subject_id == row.id).values(note=None)
    session.execute(silent, **_QUIET)
    session.execute(update(Rating).where(Rating.application_id == row.id).values(comment=None, answer=None), **_QUIET)
    documents.schedule_purge(session, owner_kind="application", owner_id=row.id, at=now)
    _blank(session, vault, row)
    audit.append(session, row, act="retention.destroy", actor=SYSTEM, now=now)
    row.updated_at = now


_QUIET: dict[str, Any] = {"execution_options": {"synchronize_session": False}}


def _blank(session: Session, vault: Vault, row: Application) -> None:
    """Nothing is left that says who it was about, and nothing by which it could be found."""
    try:
        seal = accounts.seal_of(session, vault, row.resident_id)
    except Unreadable:
        row.answers, row.holder = "", None
    else:
        row.answers = records.seal_json(seal, {}, place("application", "answers", row.id))
        row.holder = records.seal_json(seal, {}, place("application", "holder", row.id))
    row.holder_masked = ""
    row.holder_name_index = row.holder_id_index = row.mobile_index = row.mandate_id = None
