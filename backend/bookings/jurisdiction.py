"""Which stations a nurse works for: those of the nurse's own place, and nobody else's."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.models.station import Station

#: Digits of a region code that name the place of a level.
DIGITS = {"village": 12, "town": 9, "county": 6}


@dataclass(frozen=True, slots=True)
class Nurse:
    """A nurse at work; ``region``: 12 digits of the office."""

    id: int
    level: str
    region: str

    @property
    def prefix(self) -> str:
        """What the regions of the nurse's stations begin with."""
        return self.region[: DIGITS[self.level]]

    def works_at(self, station: Station) -> bool:
        return station.region.startswith(self.prefix)


def stations(session: Session, nurse: Nurse) -> list[Station]:
    """The open stations of the nurse's place."""
    county = f"{nurse.region[:6]}000000"
    query = select(Station).where(Station.county == county, Station.active).order_by(Station.code)
    return [row for row in session.scalars(query) if nurse.works_at(row)]


def station(session: Session, nurse: Nurse, code: str) -> Station:
    """One station of the nurse's place; ``NotFound`` for any other, whether it exists or not."""
    row = session.get(Station, code)
    if row is None or not nurse.works_at(row):
        raise NotFound("not_found", N_("您的辖区里没有这个服务站"))
    return row
