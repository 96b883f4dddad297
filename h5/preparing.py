"""Before the visit, as pages: the checklists to keep or print, and the file for the phone's calendar."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from backend.web import preparing
from backend.web.files import download

blp = Blueprint("h5_preparing", __name__, url_prefix="/bookings")


@blp.get("/<id:booking>/preparation")
def show(booking: int) -> str:
    """Each person's list on one page."""
    return render_template("bookings/preparation.html", preparation=preparing.preparation(booking), booking=booking)


@blp.get("/<id:booking>.ics")
def calendar(booking: int) -> Response:
    """Opens in the phone's calendar; the same file again moves or removes what it made."""
    return download(preparing.calendar(booking), mime=preparing.CALENDAR, name="booking.ics")
