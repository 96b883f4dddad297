"""Running a command at most once per key: the key is written in the command's own transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from backend.kernel.errors import Collision, Conflict, KeyReused
from backend.kernel.i18n import N_
from backend.models.idempotency import IdempotencyKey

LOCK_WAIT = 1205


def perform(
    session: Session,
    command: Callable[..., int],
    *,
    key_hash: str,
    body_hash: str,
    now: datetime,
    arguments: dict[str, Any],
) -> int:
    """The id the command returned, now or the first time; 422 for another body, 409 while it still runs."""
    known = session.get(IdempotencyKey, key_hash)
    if known is not None:
        return _same(known, body_hash)
    row = IdempotencyKey(key_hash=key_hash, body_hash=body_hash, subject_id=0, created_at=now)
    session.add(row)
    _claim(session)
    row.subject_id = command(session, **arguments)
    return row.subject_id


def purge(session: Session, *, before: datetime, limit: int) -> int:
    """Forget keys that are older than any repetition of their request; how many."""
    old = session.scalars(
        select(IdempotencyKey.key_hash)
        .where(IdempotencyKey.created_at < before)
        .order_by(IdempotencyKey.created_at)
        .limit(limit)
    ).all()
    if old:
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.key_hash.in_(old)))
    return len(old)


def _same(known: IdempotencyKey, body_hash: str) -> int:
    if known.body_hash != body_hash:
        raise KeyReused
    return known.subject_id


def _claim(session: Session) -> None:
    """Insert the key; a twin that is still running makes us wait, one that has finished makes us start over."""
    try:
        session.flush()
    except IntegrityError as error:
        raise Collision from error
    except OperationalError as error:
        if error.orig is not None and error.orig.args[0] == LOCK_WAIT:
            raise Conflict("idempotency_running", N_("同样的请求正在处理，请稍等再看结果"), retry_after=1) from error
        raise
