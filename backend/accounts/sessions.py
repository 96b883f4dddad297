"""Sessions: opened at sign-in, rotated by refresh tokens, revoked for good in the database.

``at`` is the machine's time (see tokens.py), not the product's clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.accounts import tokens
from backend.accounts.policy import GRACE
from backend.accounts.tokens import Handle
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.errors import NotFound, Problem, Unauthenticated
from backend.kernel.i18n import N_
from backend.models.session import AuthSession

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Pair:
    """A live session, for which the edge makes an access token, and the refresh token that follows it (30 days)."""

    session: Handle
    refresh: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Live:
    """One place where an account is signed in: since when, and the last day it was used; no address, no device."""

    id: int
    started_at: datetime
    last_seen_on: date


def begin(session: Session, *, key: bytes, kind: str, account_id: int, at: datetime) -> Pair:
    """A new session of an account, and its first tokens."""
    row = AuthSession(
        id=ids.new_id(at),
        kind=kind,
        account_id=account_id,
        generation=1,
        rotated_at=at,
        created_at=at,
        last_seen_on=today(at),
        expires_at=at + tokens.REFRESH_LIFE,
    )
    session.add(row)
    return _pair(key, row, 1)


def refresh(session: Session, *, key: bytes, token: str, kind: str, grace: bool, at: datetime) -> Pair | Problem:
    """The next tokens for the latest refresh token; an older one ends the whole session.

    The refusal of a reused token is returned, because the revocation must be committed with it.
    ``grace`` (cookies): the token before the latest gives the same successor for 30 s (two tabs).
    ``Unauthenticated`` for a token that is no longer, or never was, good.
    """
    sid, generation = tokens.read_refresh(key, token)
    row = session.get(AuthSession, sid)
    if row is None or row.kind != kind or row.revoked_at is not None or row.expires_at <= at:
        raise tokens.ended()
    if generation == row.generation and _rotated(session, sid, generation, at):
        return _pair(key, row, generation + 1)
    session.refresh(row)
    if grace and generation == row.generation - 1 and at - row.rotated_at <= GRACE and row.revoked_at is None:
        return _pair(key, row, row.generation)
    revoke(session, sid=sid, at=at)
    return Unauthenticated("refresh_reused", N_("这次登录已被停用，为了安全请重新登录"))


def kind_of(session: Session, *, key: bytes, token: str) -> str:
    """resident or staff, for a refresh token of either; ``Unauthenticated`` for one that is not ours."""
    sid, _ = tokens.read_refresh(key, token)
    row = session.get(AuthSession, sid)
    if row is None:
        raise tokens.ended()
    return row.kind


def revoke(session: Session, *, sid: int, at: datetime) -> None:
    """End one session (sign out)."""
    session.execute(
        update(AuthSession).where(AuthSession.id == sid, AuthSession.revoked_at.is_(None)).values(revoked_at=at)
    )


def revoke_all(session: Session, *, kind: str, account_id: int, at: datetime, but: int = 0) -> None:
    """End every session of an account (disabled, erased, new password), ``but`` the one that asks for it."""
    session.execute(
        update(AuthSession)
        .where(AuthSession.kind == kind, AuthSession.account_id == account_id, AuthSession.revoked_at.is_(None))
        .where(AuthSession.id != but)
        .values(revoked_at=at)
    )


def revoke_own(session: Session, *, kind: str, account_id: int, sid: int, at: datetime) -> None:
    """End one session of this account; ``NotFound`` for anybody else's and for one that has ended."""
    own = (AuthSession.id == sid, AuthSession.kind == kind, AuthSession.account_id == account_id)
    statement = update(AuthSession).where(*own, AuthSession.revoked_at.is_(None)).values(revoked_at=at)
    done = session.execute(statement, execution_options={"synchronize_session": False})
    if not done.rowcount:  # type: ignore[attr-defined]
        raise NotFound("not_found", N_("这次登录已经结束了"))


def live(session: Session, *, kind: str, account_id: int, at: datetime) -> list[Live]:
    """Where an account is signed in now, the latest first."""
    query = select(AuthSession.id, AuthSession.created_at, AuthSession.last_seen_on).where(
        AuthSession.kind == kind,
        AuthSession.account_id == account_id,
        AuthSession.revoked_at.is_(None),
        AuthSession.expires_at > at,
    )
    return [Live(*row) for row in session.execute(query.order_by(AuthSession.id.desc()).limit(MOST_SHOWN))]


def _rotated(session: Session, sid: int, generation: int, at: datetime) -> bool:
    """One conditional UPDATE: of two tabs that come with the same token, one moves the generation."""
    statement = (
        update(AuthSession)
        .where(AuthSession.id == sid, AuthSession.generation == generation, AuthSession.revoked_at.is_(None))
        .values(generation=generation + 1, rotated_at=at, last_seen_on=today(at), expires_at=at + tokens.REFRESH_LIFE)
        .execution_options(synchronize_session=False)
    )
    return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _pair(key: bytes, row: AuthSession, generation: int) -> Pair:
    handle = Handle(row.id, row.kind, row.account_id, generation)
    return Pair(handle, tokens.make_refresh(key, handle))
