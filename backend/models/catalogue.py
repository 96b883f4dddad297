"""Service items 事项: which version is current, and every version ever published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import AutoId, Base, Code, Hash, table

DOCUMENT = Text(2**24 - 1)


class ServiceItem(Base):
    """The current version of one service item; ``content_hash`` is that version's."""

    __tablename__ = "service_item"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int]
    content_hash: Mapped[Hash]
    #: Place in lists, small first.
    position: Mapped[int]


class ServiceItemVersion(Base):
    """One published version, never changed afterwards: a case keeps the one it began with."""

    __tablename__ = "service_item_version"
    __table_args__ = table(UniqueConstraint("code", "version"))

    id: Mapped[AutoId]
    code: Mapped[Code]
    version: Mapped[int]
    content_hash: Mapped[Hash]
    #: What the file said, dates as ISO text.
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: The guide as JSON text, ready to be served, in Chinese and in English.
    guide: Mapped[str] = mapped_column(DOCUMENT)
    guide_en: Mapped[str] = mapped_column(DOCUMENT)
    #: The file it was read from, with its comments; NULL for versions that were published before it was kept.
    source_text: Mapped[str | None] = mapped_column(DOCUMENT)
    published_at: Mapped[datetime]
