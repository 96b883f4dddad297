"""Public notices 公示, objections 异议, and the times when the page could not be reached.

No row carries a status: whether a notice is announced, open or ended follows from its dates.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Code, Hash, Id, Ref, Region, Sealed, Words, table


class PublicNotice(Base):
    """What the public may read about one case for some working days, and nothing afterwards."""

    __tablename__ = "public_notice"
    __table_args__ = table(
        Index(None, "application_id", "id"),
        Index("ix_public_notice_town", "town", "ended_at", "closes_on", "id"),
        Index("ix_public_notice_county", "county", "ended_at", "closes_on", "id"),
        Index("ix_public_notice_village", "village", "ended_at", "closes_on", "id"),
        Index("ix_public_notice_due", "ended_at", "closes_on"),
    )

    id: Mapped[Id]
    #: ``GS2611-7K2M9Q``: the notice's own, which says nothing about the case or its item.
    number: Mapped[str] = mapped_column(String(24), unique=True)
    application_id: Mapped[Ref]
    service_item: Mapped[Code]
    service_item_version: Mapped[int]
    #: The level whose finding is announced, and the level of the office that found it (the one above when empty).
    level: Mapped[str] = mapped_column(String(8))
    queue: Mapped[str] = mapped_column(String(8))
    village: Mapped[Region]
    town: Mapped[Region]
    county: Mapped[Region]
    #: Whether the public may know the village: what does not name it is in the list of its town only.
    names_village: Mapped[bool]
    #: First and last day (China); both are open. Moved on when the page was unreachable for a working day.
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    #: What may be shown, as far as the item allows: {title, holder?, village?, amount?, lines?}; NULL once the last
    #: day is over or the case has left.
    shown: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    #: When it went from all pages: the days were over, or the case left the notice.
    ended_at: Mapped[datetime | None]
    #: completed, withdrawn, upheld
    ended_as: Mapped[Code | None]
    #: Working days added because nobody could read the page, and the last such day that was counted.
    extended_days: Mapped[int] = mapped_column(default=0)
    extended_through: Mapped[date | None]


class Objection(Base):
    """What somebody says against a notice, named or not; no address, session or device of theirs is kept."""

    __tablename__ = "objection"
    __table_args__ = table(
        Index(None, "notice_id", "id"),
        Index(None, "application_id", "id"),
        Index("ix_objection_open", "answered_at", "id"),
    )

    id: Mapped[Id]
    notice_id: Mapped[Ref]
    application_id: Mapped[Ref]
    #: JSON {text, name, contact}, sealed with the key of the person whom the case is about, so that their erasure
    #: reaches it; place: objection|content|id.
    content: Mapped[Sealed]
    named: Mapped[bool]
    #: Keyed hash of the code by which its author reads the answer.
    code_index: Mapped[Hash] = mapped_column(unique=True)
    #: The day only: a moment could tell who sent it.
    made_on: Mapped[date]
    #: Sealed with the same key; place: objection|answer|id
    answer: Mapped[Sealed | None]
    upheld: Mapped[bool | None]
    answered_by: Mapped[Ref | None]
    post: Mapped[Words] = mapped_column(default="")
    answered_at: Mapped[datetime | None]


class PageOutage(Base):
    """A time in which the notices could not be read, by the machine's clock; open-ended while it lasts."""

    __tablename__ = "page_outage"

    id: Mapped[Id]
    began_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class PageHeartbeat(Base):
    """When the notices were last seen to be readable (one row, ``name`` = "public-notices")."""

    __tablename__ = "page_heartbeat"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    #: The last look, whatever it found, and the last one that found the page; the machine's clock.
    looked_at: Mapped[datetime]
    seen_at: Mapped[datetime]
