"""When the content of an ended case is destroyed: one row per ended case, kept as the record that it was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, table


class CaseRetention(Base):
    """From the end of a case on; taken away by a reopening. ``destroy_at`` NULL: not reckoned yet (older cases)."""

    __tablename__ = "case_retention"
    __table_args__ = table(Index("ix_case_retention_due", "destroyed_at", "destroy_at"))

    application_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    ended_at: Mapped[datetime]
    #: ``retention_days`` of the item after the end.
    destroy_at: Mapped[datetime | None]
    destroyed_at: Mapped[datetime | None]
