"""Codes at the door: scanned or read out, for the API and the pages."""

from __future__ import annotations

from backend.bookings import arrivals, codes, day
from backend.bookings.codes import Scanned
from backend.bookings.jurisdiction import Nurse
from backend.web.context import runtime

#: Longer texts are not looked at.
LONGEST = 1024
#: A code that is read out with gaps is never as long as a signed one.
LONGEST_TYPED = 24


def check_in(*, nurse: Nurse, token: str = "", code: str = "", station: str = "") -> int:
    """The booking whose people are here now; refusals are those of ``arrivals.check_in``."""
    at = runtime()
    found = _scanned(token) if token else _typed(nurse, code)
    return int(at.db.transact(arrivals.check_in, nurse=nurse, code=found, station=station, now=at.clock()))


def check_in_any(*, nurse: Nurse, text: str, station: str) -> int:
    """The same for one field that takes both."""
    if len(text) > LONGEST_TYPED or "." in text or "/" in text:
        return check_in(nurse=nurse, token=text, station=station)
    return check_in(nurse=nurse, code=text, station=station)


def find(*, nurse: Nurse, code: str) -> int:
    """The visit of a code that was read out, of today or a coming day; a wrong one counts as a try."""
    at = runtime()
    typed = _typed(nurse, code)
    with at.db.reading() as session:
        return day.find(session, nurse=nurse, code=typed.code, now=at.clock())


def _scanned(token: str) -> Scanned:
    at = runtime()
    with at.db.reading() as session:
        return codes.scanned(session, token[:LONGEST], base_url=at.settings.base_url)


def _typed(nurse: Nurse, code: str) -> Scanned:
    """The try is counted in a transaction of its own: what is refused afterwards was one too."""
    at = runtime()
    at.db.transact(arrivals.count_try, at.vault, nurse=nurse, now=at.clock())
    return codes.typed(code)
