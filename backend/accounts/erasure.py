"""Erasure: the person's key is destroyed, and with it every sealed value, in backups too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from backend.accounts import partners, queries, sessions
from backend.kernel.errors import Conflict
from backend.kernel.i18n import N_
from backend.models.resident import PartnerInvitation, Resident, ResidentExport
from backend.models.session import SmsCode

#: The numbers of the cases of a resident that are not finished.
OpenCases = Callable[[Session, int], list[str]]


def erase(session: Session, *, resident_id: int, open_cases: OpenCases, now: datetime, at: datetime) -> None:
    """Erase an account for good; ``Conflict`` open_cases names the cases that still need it.

    What stays: the id, the dates and the consents given (proof that we were allowed), no personal value.
    ``at``: system time, for the sessions that end.
    """
    row = queries.resident_row(session, resident_id)
    numbers = open_cases(session, resident_id)
    if numbers:
        raise Conflict(
            "open_cases",
            N_(
                "还有 %(n)d 件事没办完（%(numbers)s），办完或撤回后就能注销", n=len(numbers), numbers="、".join(numbers)
            ),
            extra={"applications": numbers},
        )
    partners.unlink(session, resident_id=resident_id, now=now)
    if row.mobile_index is not None:
        session.execute(delete(SmsCode).where(SmsCode.mobile_index == row.mobile_index))
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
