"""Work that a committed change leaves behind: the table is the truth, queues only carry wake-ups."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import AutoId, Base, Code, Ref, states, table

STATES = ["due", "leased", "sending", "done", "dead"]


class Outbox(Base):
    """One piece of work about one subject; ids only, never a personal value."""

    __tablename__ = "outbox"
    __table_args__ = table(
        states("status", STATES),
        Index(None, "topic", "status", "due_at", "id"),
        Index(None, "status", "lease_until"),
        Index(None, "status", "done_at"),
    )

    id: Mapped[AutoId]
    topic: Mapped[Code]
    subject_id: Mapped[Ref]
    #: What the work is about more exactly, e.g. ``h:<history id>``; still no personal value.
    reference: Mapped[Code] = mapped_column(default="")
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    status: Mapped[str] = mapped_column(String(10), default="due")
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(255))


class PeriodicWork(Base):
    """When a piece of declared periodic work runs next: two relays share this row, so neither doubles it."""

    __tablename__ = "periodic_work"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: The machine's clock, not the product's: a moved clock must not stop housekeeping.
    next_at: Mapped[datetime]
    ran_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(255))
