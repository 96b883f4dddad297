"""The inbox of a resident: what was said, in both languages, sealed with the person's key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Code, Id, Ref, Sealed, table


class Message(Base):
    """One message 消息; the same event is told once per template."""

    __tablename__ = "message"
    __table_args__ = table(
        UniqueConstraint("resident_id", "template", "event"),
        Index("ix_message_inbox", "resident_id", "sent_at", "id"),
        Index("ix_message_unread", "resident_id", "read_at"),
        Index("ix_message_case", "resident_id", "application_id", "sent_at", "id"),
    )

    id: Mapped[Id]
    resident_id: Mapped[Ref]
    template: Mapped[Code]
    #: Of the template.
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    #: What it is about, by ids only, e.g. the dedupe key of the outbox row.
    event: Mapped[str] = mapped_column(String(120))
    application_id: Mapped[Ref | None]
    application_number: Mapped[str | None] = mapped_column(String(24))
    #: JSON {zh: {title, text}, en: {title, text}}; place: message|content|id.
    content: Mapped[Sealed]
    sent_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
