"""Signed-in sessions, one-time codes and counted attempts; all in the database, so that losing Redis undoes nothing."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Hash, Id, Ref, Sealed, states, table


class AuthSession(Base):
    """A family of refresh tokens: only the latest generation is good, an older one ends the family."""

    __tablename__ = "auth_session"
    __table_args__ = table(states("kind", ["resident", "staff"]), Index(None, "kind", "account_id"))

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(10))
    account_id: Mapped[Ref]
    generation: Mapped[int] = mapped_column(default=1)
    #: System time, not the product's movable clock, like every moment of this row.
    rotated_at: Mapped[datetime]
    created_at: Mapped[datetime]
    last_seen_on: Mapped[date]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    #: When the person typed a fresh code once more, to read what is nobody else's business.
    second_step_at: Mapped[datetime | None]


class SmsCode(Base):
    """A code of six digits for one number; the newest is the only one that is good, and good once."""

    __tablename__ = "sms_code"
    __table_args__ = table(Index(None, "mobile_index", "closed_at", "created_at"))

    id: Mapped[Id]
    mobile_index: Mapped[Hash]
    #: JSON [mobile, code], sealed by the vault for the worker that sends it; place: sms_code|content|id
    content: Mapped[Sealed]
    #: Keyed hash of id and code.
    code_hash: Mapped[Hash]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    #: Used, or replaced by a newer one.
    closed_at: Mapped[datetime | None]


class AttemptCount(Base):
    """How often something was tried within a window; ``key`` is a keyed hash of what is counted."""

    __tablename__ = "attempt_count"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
