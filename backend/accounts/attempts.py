"""Counting attempts in the database: one conditional upsert per bucket, right under any concurrency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.kernel.crypto import Vault
from backend.models.session import AttemptCount


@dataclass(frozen=True, slots=True)
class Bucket:
    """At most ``limit`` attempts per ``window``. ``sliding``: the window begins anew with each attempt."""

    key: str
    limit: int
    window: timedelta
    sliding: bool = False


def bucket(vault: Vault, purpose: str, *what: str, limit: int, window: timedelta, sliding: bool = False) -> Bucket:
    """A bucket under a keyed hash: neither a number nor an address stands in the table."""
    return Bucket(vault.index(f"attempts-{purpose}", "|".join(what)), limit, window, sliding)


def take(session: Session, wanted: Bucket, *, now: datetime) -> int:
    """Count one attempt: which one it is (from 1), or 0 when the bucket is full."""
    if not _count(session, wanted, now) and not _begin(session, wanted, now) and not _count(session, wanted, now):
        return 0
    return session.scalars(select(AttemptCount.count).where(AttemptCount.key == wanted.key)).one()


def seconds_left(session: Session, wanted: Bucket, *, now: datetime) -> int:
    """How long a full bucket stays full, at least 1 second."""
    started = session.scalars(select(AttemptCount.started_at).where(AttemptCount.key == wanted.key)).one_or_none()
    return max(int((started + wanted.window - now).total_seconds()), 1) if started else 1


def clear(session: Session, wanted: Bucket) -> None:
    """Forget what was counted (the right password was given)."""
    session.execute(delete(AttemptCount).where(AttemptCount.key == wanted.key))


def purge(session: Session, *, now: datetime, most: int = 1000) -> int:
    """Delete counts that no longer count, at most ``most``; how many."""
    old = session.scalars(select(AttemptCount.key).where(AttemptCount.expires_at <= now).limit(most)).all()
    session.execute(delete(AttemptCount).where(AttemptCount.key.in_(old), AttemptCount.expires_at <= now))
    return len(old)


def _count(session: Session, wanted: Bucket, now: datetime) -> bool:
    # A count that began "later than now" was made before the demo's clock was moved back: it is over too.
    over = or_(AttemptCount.started_at <= now - wanted.window, AttemptCount.started_at > now + wanted.window)
    started = now if wanted.sliding else case((over, now), else_=AttemptCount.started_at)
    statement = (
        update(AttemptCount)
        .where(AttemptCount.key == wanted.key, or_(over, AttemptCount.count < wanted.limit))
        # MariaDB assigns from left to right: the count is worked out before the start moves.
        .ordered_values(
            (AttemptCount.count, case((over, 1), else_=AttemptCount.count + 1)),
            (AttemptCount.expires_at, now + 2 * wanted.window),
            (AttemptCount.started_at, started),
        )
        .execution_options(synchronize_session=False)
    )
    return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _begin(session: Session, wanted: Bucket, now: datetime) -> bool:
    try:
        with session.begin_nested():
            session.add(AttemptCount(key=wanted.key, count=1, started_at=now, expires_at=now + 2 * wanted.window))
    except IntegrityError:
        return False
    return True
