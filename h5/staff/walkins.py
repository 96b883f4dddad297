"""Walk-ins 现场登记: a free seat of today for whoever stands at the door."""

from __future__ import annotations

import secrets

from flask import Blueprint, redirect, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from backend.bookings import walkins
from backend.kernel import ids
from backend.kernel.errors import Conflict, Invalid, NotFound, Problem
from backend.schemas.staff_bookings import WalkInSchema
from backend.web.blueprint import invalid
from backend.web.context import runtime
from backend.web.nurses import nurse
from backend.web.once import once
from backend.web.words import field_errors
from h5.staff import console, places

blp = Blueprint("h5_staff_walkins", __name__, url_prefix="/staff/walk-in")


@blp.get("")
def show() -> str:
    """What is left of today."""
    return _page()


@blp.post("")
def register() -> str | Response:
    """Take the seats and check in."""
    at, form = runtime(), request.form
    try:
        wanted = WalkInSchema().load(
            {
                "station": places.place().code,
                "seats": 2 if form.get("seats") == "2" else 1,
                "name": form.get("name", ""),
                **({"slot_id": form["slot"]} if form.get("slot") else {}),
            }
        )
        made = once(walkins.register, vault=at.vault, nurse=nurse(), now=at.clock(), **wanted)
    except ValidationError as wrong:
        return _page(invalid(wrong.messages))
    except (Conflict, Invalid, NotFound) as problem:
        return _page(problem)
    return redirect(url_for("h5_staff_bookings.one", booking=made, done="here"), 303)


def _page(problem: Problem | None = None) -> str:
    at, place = runtime(), places.place()
    left = []
    if place.code:
        with at.db.reading() as session:
            left = walkins.slots(session, nurse=nurse(), station=place.code, now=at.clock())
    return console.page(
        "day/walk_in.html",
        place=place,
        slots=[(ids.encode(slot.id), slot, max(slot.capacity - slot.taken, 0)) for slot in left],
        now=at.clock(),
        typed={name: request.form.get(name, "") for name in ("seats", "name", "slot")},
        problem=problem,
        wrong=field_errors(problem),
        key=secrets.token_urlsafe(16),
    )
