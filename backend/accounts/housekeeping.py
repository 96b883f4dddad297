"""What is deleted when its time is over: codes, counted attempts, ended sessions, old exports."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.accounts import attempts, export
from backend.models.session import AuthSession, SmsCode

#: An ended session is kept a while, so that a reused refresh token still ends in a clear refusal.
ENDED_KEPT = timedelta(days=7)


def purge(session: Session, *, now: datetime, at: datetime, most: int = 1000) -> int:
    """Delete at most ``most`` of each kind; how many in all. ``now``: product clock, ``at``: system time."""
    codes = session.scalars(select(SmsCode.id).where(SmsCode.expires_at <= now).limit(most)).all()
    session.execute(delete(SmsCode).where(SmsCode.id.in_(codes)))
    ended = session.scalars(select(AuthSession.id).where(AuthSession.expires_at <= at - ENDED_KEPT).limit(most)).all()
    session.execute(delete(AuthSession).where(AuthSession.id.in_(ended)))
    counted = attempts.purge(session, now=now, most=most)
    return len(codes) + len(ended) + counted + export.purge(session, now=now, most=most)
