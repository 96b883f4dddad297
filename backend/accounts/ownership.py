"""What a member of staff changes about the own account; each is a line of the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from backend.accounts import factors, staff
from backend.events import journal
from backend.kernel.actors import Actor
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.i18n import N_
from backend.models.staff import Staff


def change_password(session: Session, *, staff_id: int, hashed: str, but: int, now: datetime, at: datetime) -> int:
    """A password of one's own; every session ends but the one that asks."""
    staff.change_password(session, staff_id=staff_id, hashed=hashed, but=but, now=now, at=at)
    return _write(session, staff_id, "account.password", now)


def confirm_factor(
    session: Session,
    *,
    vault: Vault,
    staff_id: int,
    pending: str,
    code: str,
    codes: Sequence[str],
    now: datetime,
    at: datetime,
) -> int:
    """Bind the phone that shows ``code``; ``Invalid`` wrong_code."""
    factors.confirm(session, vault, staff_id=staff_id, pending=pending, code=code, codes=codes, now=now, at=at)
    return _write(session, staff_id, "account.factor", now)


def renew_codes(session: Session, *, vault: Vault, staff_id: int, codes: Sequence[str], now: datetime) -> int:
    """A new set of recovery codes; ``Conflict`` no_second_factor without a phone that they could stand in for."""
    row = session.get(Staff, staff_id)
    if row is None or row.otp_secret is None:
        raise Conflict("no_second_factor", N_("请先绑定动态口令，再生成恢复码"))
    factors.replace_codes(session, vault, staff_id=staff_id, codes=codes, now=now)
    return _write(session, staff_id, "account.codes", now)


def _write(session: Session, staff_id: int, act: str, now: datetime) -> int:
    row = session.get(Staff, staff_id)
    if row is None:
        raise NotFound("not_found", N_("没有这个账号"))
    actor = Actor("staff", row.role, row.id, row.post)
    return journal.write(session, actor=actor, act=act, subject=row.username, region=row.region, now=now)
