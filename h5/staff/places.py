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
    """``code``: "" when the nurse's place has no station; ``stations``: (code, name) of all."""

    code: str
    name: str
    stations: tuple[tuple[str, str], ...]


def place() -> Place:
    """The station that is asked for, else the one chosen last, else the first; 404 for one of another place."""
    asked = request.values.get("station", "")
    with runtime().db.reading() as session:
        names = {row.code: row.name for row in jurisdiction.stations(session, nurse())}
        if asked and asked not in names:
            names[asked] = jurisdiction.station(session, nurse(), asked).name
    kept = request.cookies.get(COOKIE, "")
    code = asked or (kept if kept in names else next(iter(names), ""))
    return Place(code, names.get(code, ""), tuple(names.items()))
