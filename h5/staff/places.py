"""Where a nurse sits: the station that pages of the day are about."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from backend.bookings import jurisdiction
from backend.web.context import runtime
from backend.web.nurses import nurse

#: Which station was chosen last, on this machine.
COOKIE = "station"


@dataclass(frozen=True, slots=True)
class Place:
    """``code``: "" when the nurse's place has no station; ``stations``: (code, name) of all.

    ``missed``: how many bookings nobody came to since the station opened, the only figure of them there is.
    """

    code: str
    name: str
    stations: tuple[tuple[str, str], ...]
    missed: int


def place() -> Place:
    """The station that is asked for, else the one chosen last, else the first; 404 for one of another place."""
    asked = request.values.get("station", "")
    with runtime().db.reading() as session:
        rows = {row.code: row for row in jurisdiction.stations(session, nurse())}
        if asked and asked not in rows:
            rows[asked] = jurisdiction.station(session, nurse(), asked)
    kept = request.cookies.get(COOKIE, "")
    code = asked or (kept if kept in rows else next(iter(rows), ""))
    chosen = rows.get(code)
    names = tuple((row.code, row.name) for row in rows.values())
    return Place(code, chosen.name if chosen else "", names, chosen.missed if chosen else 0)
