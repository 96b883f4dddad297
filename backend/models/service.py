"""What follows an approval besides paper: a collection 领取, a parcel, a visit at home."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Code, Id, Ref, Region, Words, table


class Collection(Base):
    """One free supply handed over or posted, once per code; says nothing of what was taken, and goes after 30 days."""

    __tablename__ = "collection"
    __table_args__ = table(Index(None, "county", "done_at", "id"), Index(None, "purge_at"))

    id: Mapped[Id]
    application_id: Mapped[Ref] = mapped_column(unique=True)
    county: Mapped[Region]
    #: pickup, mail
    way: Mapped[Code]
    asked_at: Mapped[datetime]
    #: Handed over or posted.
    done_at: Mapped[datetime | None]
    #: Where, as an office and post; never who.
    post: Mapped[Words] = mapped_column(default="")
    purge_at: Mapped[datetime]


class HomeVisit(Base):
    """A visit that the resident asked for: offered by the office, agreed by the resident, made, or called off."""

    __tablename__ = "home_visit"
    __table_args__ = table(
        Index("ix_home_visit_town", "town", "starts_at", "id"),
        Index("ix_home_visit_soon", "starts_at", "reminded_at"),
        Index(None, "application_id", "id"),
    )

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(default=1)
    application_id: Mapped[Ref]
    resident_id: Mapped[Ref]
    town: Mapped[Region]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    #: The clerk who hears the answer.
    offered_by: Mapped[Ref]
    agreed_at: Mapped[datetime | None]
    made_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    #: resident, office
    cancelled_by: Mapped[Code | None]
    reminded_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}
