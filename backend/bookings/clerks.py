"""Who looks after stations: nurses after rules and days, administrators after the stations themselves."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from backend.kernel.actors import Actor
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.models.station import Station

_DIGITS = {"county": 6, "town": 9, "village": 12}


@dataclass(frozen=True, slots=True)
class Clerk:
    """A nurse or an administrator who acts: ``region`` is the 12-digit code of the office, ``level`` the office's own."""

    id: int
    role: str
    level: str
    region: str
    post: str

    @property
    def actor(self) -> Actor:
        return Actor("staff", self.role, self.id, self.post)

    @property
    def prefix(self) -> str:
        """The significant digits of the region: what begins with them lies inside."""
        return self.region[: _DIGITS[self.level]]

    def covers(self, region: str) -> bool:
        """Whether a 12-digit region is the clerk's own or lies below it."""
        return region.startswith(self.prefix)


def theirs(clerk: Clerk) -> ColumnElement[bool]:
    """The stations in the clerk's jurisdiction."""
    return Station.region.startswith(clerk.prefix, autoescape=True)


def station(session: Session, clerk: Clerk, code: str, *, lock: bool = False) -> Station:
    """A station in the clerk's jurisdiction, closed ones too; ``NotFound`` for one elsewhere as for none."""
    row = session.get(Station, code, with_for_update=lock or None, populate_existing=lock)
    if row is None or not clerk.covers(row.region):
        raise NotFound("not_found", N_("没有这个服务站，或者不在您的辖区"))
    return row
