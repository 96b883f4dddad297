"""A resident leaves: drafts go, finished cases lose what still points to the person, then the account is erased."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.accounts import erasure
from backend.applications import drafts
from backend.catalogue import queries as catalogue
from backend.documents import service as documents
from backend.lifecycles.application import OPEN, ApplicationStatus as S
from backend.models.application import Application


def leave(session: Session, *, resident_id: int, now: datetime, at: datetime) -> None:
    """Erase an account and its traces in cases; ``Conflict`` open_cases while one is not finished.

    What stays of a case: number, place, dates, status and the audit chain, so that statistics and the record of the
    offices hold; sealed values are unreadable without the person's key. ``at``: system time.
    """
    rows = _locked(session, resident_id)
    erasure.erase(session, resident_id=resident_id, open_cases=_unfinished(session, rows), now=now, at=at)
    for row in rows:
        if row.status == S.DRAFT:
            drafts.erase(session, row.id, now=now)
        else:
            documents.schedule_purge(session, owner_kind="application", owner_id=row.id, at=now)
    _blank(session, resident_id, now)


def _locked(session: Session, resident_id: int) -> list[Application]:
    """Every case of the person, held until the end: a draft cannot be handed in while its key is destroyed."""
    mine = select(Application).where(Application.resident_id == resident_id).order_by(Application.id)
    return list(session.scalars(mine.with_for_update()))


def _unfinished(session: Session, rows: list[Application]) -> list[str]:
    """The numbers of cases between submission and their end; approved is one where a certificate still follows."""
    return [row.number or "" for row in rows if row.status in OPEN or _awaits_certificate(session, row)]


def _awaits_certificate(session: Session, row: Application) -> bool:
    if row.status != S.APPROVED:
        return False
    return catalogue.definition(session, row.service_item, row.service_item_version).certificate is not None


def _blank(session: Session, resident_id: int, now: datetime) -> None:
    """The hashes by which the person could be found again, and the masked name in the offices' lists."""
    traces = {"holder_masked": "", "holder_name_index": None, "holder_id_index": None, "mobile_index": None}
    session.execute(
        update(Application).where(Application.resident_id == resident_id).values(holder=None, updated_at=now, **traces),
        execution_options={"synchronize_session": False},
    )
