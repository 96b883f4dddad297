"""Results as both edges of the residents handle them: read by one person, after the second step."""

from __future__ import annotations

from flask import Response

from backend.bookings import results
from backend.bookings.results import Result
from backend.documents.reading import read
from backend.kernel.clock import system_clock
from backend.web.context import runtime
from backend.web.files import download
from backend.web.guards import caller

#: Says nothing about what is in it: downloads lie about on phones.
FILE_NAME = "letter.pdf"


def own(booking_id: int) -> Result:
    """The caller's own result; 404 for anybody else's, 403 without the second step."""
    at = runtime()
    with at.db.reading() as session:
        return results.read(session, at.vault, **_mine(booking_id), at=system_clock())


def letter(booking_id: int) -> Response:
    """The letter of the caller's own result."""
    found = own(booking_id).letter
    if found is None:
        raise results.no_result()
    return download(read(runtime().storage, found), mime=found.mime, name=FILE_NAME)


def erase(booking_id: int) -> None:
    """Destroy the caller's own result."""
    at = runtime()
    at.db.transact(results.erase, **_mine(booking_id), now=at.clock(), at=system_clock())


def _mine(booking_id: int) -> dict[str, int]:
    who = caller()
    return {"resident_id": who.id, "session_id": who.session_id, "booking_id": booking_id}
