"""The hash chain of a case: every act and every look at personal data is one row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import AutoId, Base, Code, Hash, Ref, Words, table


class AuditEntry(Base):
    """``hash`` = SHA-256 over the row's values and ``previous``; values are ids and commitments only."""

    __tablename__ = "audit_entry"
    __table_args__ = table(UniqueConstraint("subject_kind", "subject_id", "sequence"))

    id: Mapped[AutoId]
    subject_kind: Mapped[Code]
    subject_id: Mapped[Ref]
    sequence: Mapped[int]
    at: Mapped[datetime]
    #: applicant, staff, system
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[Ref | None]
    #: Office and post, never a person's name.
    post: Mapped[Words] = mapped_column(default="")
    act: Mapped[Code]
    #: SHA-256 of the sealed words of the act ("" without words): its nonce is the salt.
    commitment: Mapped[str] = mapped_column(String(64), default="")
    previous: Mapped[Hash]
    hash: Mapped[Hash]
