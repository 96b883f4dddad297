"""Regions 辖区 by their 12-digit statistical codes, and the office 办 that serves each of them."""

from __future__ import annotations

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Words, states, table

LEVELS = ["province", "city", "county", "town", "village"]


class Region(Base):
    """One place; ``parent`` is the code of the level above, empty for a province."""

    __tablename__ = "region"
    __table_args__ = table(states("level", LEVELS), Index(None, "parent", "code"))

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[Words]
    level: Mapped[str] = mapped_column(String(8))
    parent: Mapped[str] = mapped_column(String(12), default="")


class Office(Base):
    """Whom a resident calls about a place: the name on receipts and certificates, and a phone number."""

    __tablename__ = "office"

    region: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[Words]
    phone: Mapped[str] = mapped_column(String(32))
    address: Mapped[Words] = mapped_column(default="")
