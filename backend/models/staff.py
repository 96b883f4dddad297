"""Staff 工作人员: a post of an office with a login; the post is shown, the person never."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Hash, Id, Region, Sealed, Words, states, table

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
    #: Blind index of the person's own document, to keep them off their own case.
    person_index: Mapped[Hash | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
