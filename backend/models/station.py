"""Stations 服务站: their rules, their days, and the slots 号源 made from them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Code, Id, Ref, Region, Words, states, table


class Station(Base):
    """A place where the free pre-pregnancy checkup is done."""

    __tablename__ = "station"
    __table_args__ = table(Index(None, "county", "code"))

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[Words]
    name_en: Mapped[Words] = mapped_column(default="")
    #: Where it stands: 12 digits of a town or of the county.
    region: Mapped[Region]
    county: Mapped[Region]
    address: Mapped[Words] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(String(32))
    #: How to get there, in words.
    directions: Mapped[Words] = mapped_column(default="")
    #: Hours without food before the visit; 0: none needed.
    fasting_hours: Mapped[int] = mapped_column(default=8)
    #: Whether the marriage certificate 结婚证 must be brought.
    marriage_certificate: Mapped[bool] = mapped_column(default=False)
    #: So long one must have lived in the county, declared by the couple; 0: nobody is asked.
    residence_months: Mapped[int] = mapped_column(default=6)
    #: How many bookings nobody came to, ever: a bare number and nothing else.
    missed: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}


class StationRules(Base):
    """The capacity rules of a station as they stand (``bookings.rules.Rules``); a station without a row is not open."""

    __tablename__ = "station_rules"

    station: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    #: [[weekday 1–7, "08:00", "10:30"], …]
    hours: Mapped[list[Any]]
    slot_minutes: Mapped[int]
    seats_per_slot: Mapped[int]
    daily_cap: Mapped[int]
    #: {12-digit town: seats a day at most}
    town_quotas: Mapped[dict[str, Any]]
    #: A slot can be booked until so long before it begins.
    lead_minutes: Mapped[int]
    #: A day can be booked from so many days before, at the release time.
    horizon_days: Mapped[int]
    #: "08:00", China.
    release_time: Mapped[str] = mapped_column(String(5))
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}


class StationException(Base):
    """One day that is not like its weekday: closed, or a make-up day with hours of its own."""

    __tablename__ = "station_exception"
    __table_args__ = table(UniqueConstraint("station", "day"), states("kind", ["closed", "open"]))

    id: Mapped[Id]
    station: Mapped[Code]
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(String(8))
    #: Of a make-up day: [["08:00", "10:30"], …]; empty when closed.
    hours: Mapped[list[Any]]
    #: What people read, e.g. 设备检修.
    reason: Mapped[Words] = mapped_column(default="")


class Slot(Base):
    """So many seats at one time.

    ``taken`` are seats that nobody else can have: held, booked, offered, or resting after a cancellation;
    ``resting`` of them belong to nobody and go to the wait-list, or back to everybody when their rest is over.
    """

    __tablename__ = "slot"
    __table_args__ = table(
        UniqueConstraint("station", "starts_at"),
        Index(None, "station", "day"),
        Index(None, "withdrawn_at", "starts_at"),
    )

    id: Mapped[Id]
    station: Mapped[Code]
    day: Mapped[date]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    resting: Mapped[int] = mapped_column(default=0)
    #: It can be booked from ``opens_at`` until ``closes_at``.
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    #: Whether the day has fewer seats than its slots together (``station_day`` counts), and whether towns have a share.
    capped: Mapped[bool] = mapped_column(default=False)
    shared: Mapped[bool] = mapped_column(default=False)
    #: The rules or a closure no longer have it: nobody new, and whoever is booked is offered another time.
    withdrawn_at: Mapped[datetime | None]


class StationDay(Base):
    """How many seats of a day are taken, where the day has a cap of its own. Only for days with ``slot.capped``."""

    __tablename__ = "station_day"

    station: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    cap: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)


class TownDay(Base):
    """The same for the share of one town. Only for days with ``slot.shared``; a town without a row has no limit."""

    __tablename__ = "town_day"

    station: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    town: Mapped[str] = mapped_column(String(12), primary_key=True)
    cap: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)


class SlotReturn(Base):
    """Seats given back: they rest until ``due_at``, then everybody may take them. The public release log."""

    __tablename__ = "slot_return"
    __table_args__ = table(Index("ix_slot_return_due", "released_at", "due_at"), Index(None, "station", "released_at"))

    id: Mapped[Id]
    station: Mapped[Code]
    slot_id: Mapped[Ref] = mapped_column(index=True)
    seats: Mapped[int]
    #: Random within 5 to 20 minutes of the cancellation, so that nobody can wait for it.
    due_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    #: How many of them went back to everybody; the others went to the wait-list.
    released: Mapped[int] = mapped_column(default=0)
