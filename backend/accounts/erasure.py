"""Erasure: the person's key is destroyed, and with it every sealed value, in backups too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from backend.accounts import codes, partners, queries, sessions
from backend.kernel.errors import Conflict
from backend.kernel.i18n import N_
from backend.models.resident import PartnerInvitation, Resident, ResidentExport


def erase(session: Session, *, resident_id: int, open_cases: Sequence[str], now: datetime, at: datetime) -> None:
    """Erase an account for good; ``Conflict`` open_cases when there are numbers of cases that still need it.

    What stays: the id, the dates and the consents given (proof that we were allowed), and certificates with the
    masked name that their paper shows, so that whoever holds one can still verify it. ``at``: system time, for the
    sessions that end. Cases are their own domain's: ``applications.leaving`` calls this.
    """
    row = queries.resident_row(session, resident_id)
    if open_cases:
        raise Conflict(
            "open_cases",
            N_(
                "还有 %(n)d 件事没办完（%(numbers)s），办完或撤回后就能注销",
                n=len(open_cases),
                numbers="、".join(open_cases),
            ),
            extra={"applications": list(open_cases)},
        )
    partners.unlink(session, resident_id=resident_id, now=now)
    if row.mobile_index is not None:
        codes.forget(session, row.mobile_index)
    session.execute(delete(ResidentExport).where(ResidentExport.resident_id == resident_id))
    session.execute(delete(PartnerInvitation).where(PartnerInvitation.inviter_id == resident_id))
    _blank(session, resident_id, now)
    sessions.revoke_all(session, kind="resident", account_id=resident_id, at=at)


def _blank(session: Session, resident_id: int, now: datetime) -> None:
    session.execute(
        update(Resident)
        .where(Resident.id == resident_id)
        .values(
            key="",
            mobile=None,
            mobile_index=None,
            name=None,
            name_masked="",
            id_type=None,
            id_number=None,
            id_index=None,
            identity_at=None,
            language="zh",
            care_mode=False,
            version=Resident.version + 1,
            updated_at=now,
            erased_at=now,
        )
        .execution_options(synchronize_session=False)
    )
