"""Which stations a nurse works for and an administrator looks after: those of the own place, and nobody else's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kernel.actors import Actor
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.models.station import Station

#: Digits of a region code that name the place of a level.
DIGITS = {"village": 12, "town": 9, "county": 6}


@dataclass(frozen=True, slots=True)
class Clerk:
    """Somebody of the staff who acts; ``region``: 12 digits of the office, ``level``: the office's own."""

    role: ClassVar[str] = ""
    id: int
    level: str
    region: str
    post: str = ""

    @property
    def prefix(self) -> str:
        """What the regions of the clerk's stations begin with."""
        return self.region[: DIGITS[self.level]]

    @property
    def actor(self) -> Actor:
        return Actor("staff", self.role, self.id, self.post)

    def covers(self, region: str) -> bool:
        """Whether a 12-digit region is the clerk's own or lies below it."""
        return region.startswith(self.prefix)

    def works_at(self, station: Station) -> bool:
        return self.covers(station.region)


@dataclass(frozen=True, slots=True)
class Nurse(Clerk):
    """A nurse at work: rules, days, bookings of the stations."""

    role: ClassVar[str] = "nurse"


@dataclass(frozen=True, slots=True)
class Administrator(Clerk):
    """An administrator: the stations themselves."""

    role: ClassVar[str] = "admin"


def stations(session: Session, clerk: Clerk) -> list[Station]:
    """The open stations of the clerk's place."""
    return [row for row in every(session, clerk) if row.active]


def every(session: Session, clerk: Clerk) -> list[Station]:
    """The stations of the clerk's place, closed ones too, by code."""
    query = select(Station).where(Station.county == f"{clerk.region[:6]}000000").order_by(Station.code)
    return [row for row in session.scalars(query) if clerk.works_at(row)]


def station(session: Session, clerk: Clerk, code: str, *, lock: bool = False) -> Station:
    """One station of the clerk's place, also a closed one; ``NotFound`` for any other, whether it exists or not."""
    row = session.get(Station, code, with_for_update=lock or None, populate_existing=lock)
    if row is None or not clerk.works_at(row):
        raise NotFound("not_found", N_("您的辖区里没有这个服务站"))
    return row
