"""What nobody can use any more and is thrown away: codes that ran out, deadlines long told, files without a row."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from backend.kernel import ids
from backend.lifecycles.application import OPEN
from backend.models.application import Application, ApplicationRevision, Cosignature, StaffNotice
from backend.models.resident import Resident

#: Codes that ran out are kept so long, that a late "it has expired" can still be explained.
CODES_KEPT = timedelta(days=30)
NOTICES_KEPT = timedelta(days=90)
#: Where copies lie.
COPIES = "copypdf"


def purge(session: Session, *, now: datetime, limit: int) -> int:
    """Unsigned invitations that ran out a month ago, and told deadlines of finished cases; how many."""
    codes = session.scalars(
        select(Cosignature.id)
        .where(Cosignature.signed_at.is_(None), Cosignature.expires_at <= now - CODES_KEPT)
        .limit(limit)
    ).all()
    finished = or_(Application.id.is_(None), Application.status.not_in(OPEN))
    told = session.scalars(
        select(StaffNotice.id)
        .outerjoin(Application, Application.id == StaffNotice.application_id)
        .where(StaffNotice.at <= now - NOTICES_KEPT, finished)
        .limit(limit)
    ).all()
    _delete(session, Cosignature, codes)
    _delete(session, StaffNotice, told)
    return max(len(codes), len(told))


def unknown_copies(session: Session, keys: list[str]) -> list[str]:
    """Stored copies whose revision was destroyed, or whose person left: nobody can read them any more."""
    mine = {ids.decode(key.partition("/")[2]): key for key in keys}
    query = (
        select(ApplicationRevision.id)
        .join(Application, Application.id == ApplicationRevision.application_id)
        .join(Resident, Resident.id == Application.resident_id)
        .where(ApplicationRevision.id.in_(mine), ApplicationRevision.pdf_key.is_not(None), Resident.key != "")
    )
    known = set(session.scalars(query))
    return [key for revision, key in mine.items() if revision not in known]


def _delete(session: Session, table: Any, found: Any) -> None:
    if found:
        session.execute(delete(table).where(table.id.in_(found)), execution_options={"synchronize_session": False})
