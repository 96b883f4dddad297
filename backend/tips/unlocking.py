"""An investigator's key, open for a quarter of an hour: kept sealed under a secret that only their browser has.

Neither the database nor this installation's secrets open it; the secret alone does not either.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.kernel import sealing
from backend.kernel.clock import today
from backend.kernel.crypto import Unreadable
from backend.kernel.errors import Locked
from backend.kernel.i18n import N_
from backend.lifecycles.tip import KeyStatus
from backend.models.tip import Investigator, Unlocked
from backend.tips.keys import derive

LIFE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Opener:
    """An investigator whose key is open. ``until``: of this opening."""

    id: str
    county: str
    duty: str
    private: bytes = field(repr=False)
    until: datetime
    #: Where they worked when the key was made: elsewhere it opens nothing.
    region: str = ""


def keep(session: Session, *, investigator: Investigator, private: bytes, secret: str, now: datetime) -> datetime:
    """Open for ``LIFE``; until when. Whoever was open before with this key stays so."""
    until = now + LIFE
    at = _id(secret)
    session.execute(delete(Unlocked).where(Unlocked.id == at))
    sealed = sealing.seal_padded(_key(secret), f"{int(until.timestamp())}|{private.hex()}".encode(), at)
    session.add(Unlocked(id=at, investigator_id=investigator.id, day=today(now), sealed=sealed))
    return until


def current(session: Session, *, staff_id: int, secret: str, now: datetime) -> Opener | None:
    """The open key of this member of staff and this browser; ``None`` when it is locked."""
    row = session.execute(
        select(Unlocked.sealed, Investigator.id, Investigator.county, Investigator.region, Investigator.duty)
        .join(Investigator, Investigator.id == Unlocked.investigator_id)
        .where(
            Unlocked.id == _id(secret), Investigator.staff_id == staff_id, Investigator.status == KeyStatus.ACTIVE.value
        )
    ).first()
    if row is None:
        return None
    try:
        until, private = sealing.unseal_padded(_key(secret), row.sealed, _id(secret)).decode().split("|")
    except Unreadable:
        return None
    if int(until) <= now.timestamp():
        return None
    end = datetime.fromtimestamp(int(until), tz=now.tzinfo)
    return Opener(row.id, row.county, row.duty, bytes.fromhex(private), end, row.region)


def lock(session: Session, *, secret: str) -> None:
    """Close the key in this browser."""
    session.execute(delete(Unlocked).where(Unlocked.id == _id(secret)))


def lock_everywhere(session: Session, *, staff_id: int) -> None:
    """Close the key of a member of staff in every browser."""
    theirs = select(Investigator.id).where(Investigator.staff_id == staff_id)
    session.execute(
        delete(Unlocked).where(Unlocked.investigator_id.in_(theirs)), execution_options={"synchronize_session": False}
    )


def locked() -> Locked:
    return Locked("tips_locked", N_("举报还锁着，请先输入解锁口令"))


def _id(secret: str) -> str:
    return hashlib.sha256(f"unlocked|{secret}".encode()).hexdigest()


def _key(secret: str) -> bytes:
    return derive(secret.encode(), "unlocked")
