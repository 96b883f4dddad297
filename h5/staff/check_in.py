"""Check in 签到 at the door: by camera where the browser can, by typing everywhere."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.bookings import day
from backend.bookings.day import Visit
from backend.kernel import ids
from backend.kernel.errors import Conflict, NotFound, Problem, TooMany
from backend.web import arrivals as door
from backend.web.context import runtime
from backend.web.nurses import nurse
from h5.staff import console, places

blp = Blueprint("h5_staff_check_in", __name__, url_prefix="/staff/check-in")


@blp.get("")
def show() -> str:
    """One field for both kinds of code; whoever was just checked in stands above it."""
    return _page(done=_done())


@blp.post("")
def check_in() -> str | Response:
    """Check in, and on to the next; what is wrong with a code is said on the same page."""
    text = request.form.get("code", "").strip()[: door.LONGEST]
    at = places.place()
    try:
        found = door.check_in_any(nurse=nurse(), text=text, station=at.code)
    except (Conflict, TooMany) as problem:
        return _page(typed=text if len(text) <= door.LONGEST_TYPED else "", problem=problem)
    camera = "1" if request.form.get("camera") else None
    return redirect(url_for(".show", done=ids.encode(found), camera=camera), 303)


def _done() -> Visit | None:
    try:
        booking = ids.decode(request.args.get("done", ""))
        with runtime().db.reading() as session:
            return day.one(session, runtime().vault, nurse=nurse(), booking_id=booking, now=runtime().clock())
    except (ValueError, NotFound):
        return None


def _page(*, typed: str = "", problem: Problem | None = None, done: Visit | None = None) -> str:
    # After a refusal the nurse starts the camera anew: it would read the same wrong code again and again.
    camera = problem is None and request.args.get("camera") == "1"
    return console.page(
        "day/check_in.html", place=places.place(), typed=typed, problem=problem, done=done, camera=camera
    )
