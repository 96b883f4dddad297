"""The signed list of revoked certificates, for those who verify without asking us (CONTRACT §3)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.certificates import keys, tokens
from backend.kernel import clock
from backend.kernel.crypto import Vault
from backend.models.certificate import Certificate

#: How long one list may be relied on, and how often a fresh one is dated.
GOOD_FOR = timedelta(hours=24)
STEP = timedelta(minutes=10)


def signed(session: Session, vault: Vault, *, issuer: str, now: datetime) -> str | None:
    """A compact JWS ``{iss, iat, exp, next_update, revoked: [{number, revoked_at}]}``; times in seconds.

    Expired certificates are left out: they are worthless anyway. The same bytes for the same list within
    ten minutes, whichever process answers, so that caches work. ``None`` while no signing key exists yet.
    """
    signer = keys.current_if_any(session, vault)
    if signer is None:
        return None
    revoked = _revoked(session, now)
    step = int(STEP.total_seconds())
    moment = max([int(now.timestamp()) // step * step, *(int(at.timestamp()) for _, at in revoked)])
    body = {
        "iss": issuer,
        "iat": moment,
        "exp": moment + int(GOOD_FOR.total_seconds()),
        "next_update": moment + step,
        "revoked": [{"number": number, "revoked_at": int(at.timestamp())} for number, at in revoked],
    }
    return tokens.sign(body, kid=signer.kid, key=signer.key)


def _revoked(session: Session, now: datetime) -> list[tuple[str, datetime]]:
    statement = (
        select(Certificate.number, Certificate.revoked_at)
        .where(
            Certificate.revoked_at.is_not(None),
            or_(Certificate.expires_on.is_(None), Certificate.expires_on >= clock.today(now)),
        )
        .order_by(Certificate.revoked_at, Certificate.number)
    )
    return [(number, at) for number, at in session.execute(statement) if at]
