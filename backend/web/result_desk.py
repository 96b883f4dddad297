"""Results as both of the nurse's edges take them in; nothing here can read one."""

from __future__ import annotations

from typing import Any

from flask import request

from backend.bookings import result_desk
from backend.bookings.result_desk import Sheet
from backend.web.context import runtime
from backend.web.nurses import nurse
from backend.web.once import once
from backend.web.uploads import keep


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
