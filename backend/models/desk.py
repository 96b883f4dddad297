"""The clerk's tools: reply templates, bulk acts with a result per case, and the inbox of staff."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Code, Id, Ref, Region, Sealed, Words, table


class ReplyTemplate(Base):
    """Words an office uses often; it serves every office below its own."""

    __tablename__ = "reply_template"
    __table_args__ = table(Index(None, "region", "id"))

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(default=1)
    #: The office that keeps it.
    region: Mapped[Region]
    #: The decision it is for: approve, reject, return, request_correction, question.
    decision: Mapped[Code]
    #: For one item only; NULL: for all.
    service_item: Mapped[Code | None]
    title: Mapped[Words]
    #: {note, items: [{target, reason, hand_in}]}; no personal values.
    content: Mapped[dict[str, Any]]
    retired_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}


class BulkAct(Base):
    """One act over many cases: every case in a transaction of its own, resumable, never outside the lifecycle."""

    __tablename__ = "bulk_act"
    __table_args__ = table(Index(None, "staff_id", "id"))

    id: Mapped[Id]
    staff_id: Mapped[Ref]
    #: approve, request_correction, hand_over, accept
    kind: Mapped[Code]
    #: JSON {note, items, to}, sealed by the vault: words may name people; place: bulk_act|content|id.
    content: Mapped[Sealed]
    total: Mapped[int]
    begun_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    #: Pressed to stop: what is not done stays undone.
    stopped_at: Mapped[datetime | None]


class BulkLine(Base):
    """One case of a bulk act and what became of it."""

    __tablename__ = "bulk_line"
    __table_args__ = table(UniqueConstraint("act_id", "position"), Index(None, "act_id", "outcome", "position"))

    id: Mapped[Id]
    act_id: Mapped[Ref]
    position: Mapped[int]
    number: Mapped[str] = mapped_column(String(24))
    #: The version the clerk saw; NULL: whichever.
    version: Mapped[int | None]
    #: done, or the stable code of the refusal; NULL: not tried yet.
    outcome: Mapped[Code | None]
    done_at: Mapped[datetime | None]


class StaffMessage(Base):
    """One message to one clerk: the nightly digest, a takeover, a hand-over, a consent that is wanted."""

    __tablename__ = "staff_message"
    __table_args__ = table(
        UniqueConstraint("staff_id", "kind", "event"), Index("ix_staff_message_inbox", "staff_id", "sent_at", "id")
    )

    id: Mapped[Id]
    staff_id: Mapped[Ref]
    kind: Mapped[Code]
    #: What it is about, by ids only: the same event is told once.
    event: Mapped[str] = mapped_column(String(120))
    #: Numbers and counts, no personal values.
    facts: Mapped[dict[str, Any]]
    #: What a colleague wrote with it (why a case was taken over), sealed by the vault; place: staff_message|words|id.
    words: Mapped[Sealed | None]
    sent_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
