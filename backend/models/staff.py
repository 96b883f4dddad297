"""Staff 工作人员: a post of an office with a login; the post is shown, the person never."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Hash, Id, Ref, Region, Sealed, Words, states, table

ROLES = ["reviewer", "nurse", "investigator", "admin"]
LEVELS = ["village", "town", "county"]


class Staff(Base):
    """``region``: the office's code, 12 digits; what lies below it is the jurisdiction."""

    __tablename__ = "staff"
    __table_args__ = table(states("role", ROLES), states("level", LEVELS), Index(None, "region", "role", "active"))

    id: Mapped[Id]
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[Words]
    #: 村级核对岗
    post: Mapped[Words]
    role: Mapped[str] = mapped_column(String(16))
    level: Mapped[str] = mapped_column(String(8))
    region: Mapped[Region]
    active: Mapped[bool] = mapped_column(default=True)
    #: argon2id
    password_hash: Mapped[Words]
    #: Secret of the second factor, sealed by the vault; place: staff|otp_secret|id
    otp_secret: Mapped[Sealed | None]
    #: The last 30-second step whose code was used: a code is good once.
    otp_step: Mapped[int] = mapped_column(BigInteger, default=0)
    #: Blind index of the person's own document, to keep them off their own case and off two levels of one.
    person_index: Mapped[Hash | None] = mapped_column(index=True)
    #: On leave through this day (China): the office counts as empty when everyone is.
    away_until: Mapped[date | None]
    #: The last day (China) whose figures were put together for this clerk's morning message.
    digest_on: Mapped[date | None]
    #: The password was set by somebody else and must be changed first.
    password_stale: Mapped[bool | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class StaffRelative(Base):
    """A person a clerk declared as family, by a keyed hash only: the clerk handles none of their cases."""

    __tablename__ = "staff_relative"
    __table_args__ = table(UniqueConstraint("staff_id", "person_index"), Index(None, "person_index"))

    id: Mapped[Id]
    staff_id: Mapped[Ref]
    person_index: Mapped[Hash]
    declared_at: Mapped[datetime]


class RecoveryCode(Base):
    """A code that replaces the second factor once, for a lost phone."""

    __tablename__ = "recovery_code"
    __table_args__ = table(Index(None, "staff_id", "used_at"))

    id: Mapped[Id]
    staff_id: Mapped[Ref]
    #: Keyed hash.
    code_index: Mapped[Hash] = mapped_column(unique=True)
    used_at: Mapped[datetime | None]
