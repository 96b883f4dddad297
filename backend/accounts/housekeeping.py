"""What is deleted when its time is over: codes, counted attempts, ended sessions, old exports."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.accounts import attempts, export
from backend.models.resident import PartnerInvitation, ResidentExport
from backend.models.session import AuthSession, SmsCode

#: An ended session is kept a while, so that a reused refresh token still ends in a clear refusal.
ENDED_KEPT = timedelta(days=7)
#: So long a code or a copy that ran out is still known, to be told from one that never was.
LATE_ANSWER = timedelta(days=30)


def purge(session: Session, *, now: datetime, at: datetime, most: int = 1000) -> int:
    """Delete at most ``most`` of each kind; how many in all. ``now``: product clock, ``at``: system time."""
    codes = session.scalars(select(SmsCode.id).where(SmsCode.expires_at <= now).limit(most)).all()
    session.execute(delete(SmsCode).where(SmsCode.id.in_(codes)))
    ended = session.scalars(select(AuthSession.id).where(AuthSession.expires_at <= at - ENDED_KEPT).limit(most)).all()
    session.execute(delete(AuthSession).where(AuthSession.id.in_(ended)))
    counted = attempts.purge(session, now=now, most=most)
    old = _purge_old(session, now=now, most=most)
    return len(codes) + len(ended) + counted + old + export.purge(session, now=now, most=most)


def _purge_old(session: Session, *, now: datetime, most: int) -> int:
    """Invitations that were used or ran out, and exports that were emptied, a month later."""
    invitations = session.scalars(
        select(PartnerInvitation.id).where(PartnerInvitation.expires_at <= now - LATE_ANSWER).limit(most)
    ).all()
    session.execute(delete(PartnerInvitation).where(PartnerInvitation.id.in_(invitations)))
    exports = session.scalars(
        select(ResidentExport.id)
        .where(ResidentExport.expires_at <= now - LATE_ANSWER, ResidentExport.content.is_(None))
        .limit(most)
    ).all()
    session.execute(delete(ResidentExport).where(ResidentExport.id.in_(exports)))
    return len(invitations) + len(exports)
