"""What was asked under an Idempotency-Key: keyed hashes and the id to rebuild the answer from, never the answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Hash, Ref, table


class IdempotencyKey(Base):
    """``key_hash`` binds the caller, the route and the key."""

    __tablename__ = "idempotency_key"
    __table_args__ = table(Index(None, "created_at"))

    key_hash: Mapped[Hash] = mapped_column(primary_key=True)
    body_hash: Mapped[Hash]
    #: The id the command returned.
    subject_id: Mapped[Ref]
    created_at: Mapped[datetime]
