"""Results as both edges handle them: brought in by a nurse, read by one person after the second step."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from backend.bookings import result_desk, results
from backend.bookings.result_desk import Sheet
from backend.bookings.results import Result
from backend.documents.reading import read
from backend.kernel.clock import system_clock
from backend.web.context import runtime
from backend.web.files import download
from backend.web.guards import caller
from backend.web.nurses import nurse
from backend.web.once import once
from backend.web.uploads import keep

#: Says nothing about what is in it: downloads lie about on phones.
FILE_NAME = "letter.pdf"


def take_in(booking_id: int) -> None:
    """Keep what the nurse's form holds: whose, risk and, if there is one, the letter (PDF)."""
    at = runtime()
    whose, risk = (request.form.get(name, "").strip()[:32] for name in ("whose", "risk"))
    whole: dict[str, Any] = {
        "purposes": at.purposes,
        "nurse": nurse(),
        "booking_id": booking_id,
        "whose": whose,
        "risk": risk,
    }
    at.db.transact(result_desk.check, **whole)
    file = request.files.get("file")
    if file is not None and file.filename:
        keep(file, result_desk.put, named=f"{whose}|{risk}", only_pdf=True, vault=at.vault, **whole)
    else:
        once(result_desk.put, vault=at.vault, **whole, now=at.clock())


def sheet(*, booking_id: int | None = None, code: str = "") -> Sheet:
    """The people of a booking as the nurse may see them."""
    at = runtime()
    with at.db.reading() as session:
        return result_desk.sheet(session, purposes=at.purposes, nurse=nurse(), booking_id=booking_id, code=code)


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
