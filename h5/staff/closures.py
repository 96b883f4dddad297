"""Closures 停诊 and make-up days 补开 of a station, looked at before they are saved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from backend.bookings import closures, outlook
from backend.bookings.closures import AHEAD, KINDS, Days
from backend.kernel.clock import today
from backend.kernel.errors import Conflict, Invalid, Problem
from backend.schemas.stations import ClosureSchema
from backend.web.blueprint import invalid
from backend.web.context import runtime
from backend.web.nurses import nurse
from backend.web.stations import day_in_path, days_of, look
from backend.web.words import field_errors
from h5.paths import with_word
from h5.staff import console, stations

blp = Blueprint("h5_staff_closures", __name__, url_prefix="/staff/stations/<string:code>/closures")
FIELDS = ("kind", "from", "to", "reason", "from-0", "to-0", "from-1", "to-1")


@blp.get("")
def show(code: str) -> str:
    """The single days to come, and a form for more."""
    return _page(code, {"kind": KINDS[0]})


@blp.post("")
def put(code: str) -> str | Response:
    """See whom it hits; save what was seen."""
    typed = {name: request.form.get(name, "").strip()[:120] for name in FIELDS}
    at = runtime()
    try:
        days = _read(typed)
        if request.form.get("seen") != repr(days) or request.form.get("act") != "save":
            return _page(code, typed, days=days)
        at.db.transact(closures.put, at.calendar, nurse=nurse(), station=code, days=days, now=at.clock())
    except (Invalid, Conflict) as problem:
        return make_response(_page(code, typed, problem=problem), problem.status)
    at.wake()
    return redirect(with_word(url_for(".show", code=code), "saved"), 303)


@blp.post("/<string:day>/removal")
def take_back(code: str, day: str) -> Response:
    """The day is like its weekday again."""
    at, which = runtime(), day_in_path(day)
    at.db.transact(closures.take_back, at.calendar, nurse=nurse(), station=code, day=which, now=at.clock())
    at.wake()
    return redirect(with_word(url_for(".show", code=code), "saved"), 303)


def _read(typed: dict[str, str]) -> Days:
    """The form as the API would send it."""
    hours = [{"from": typed[f"from-{n}"][:5], "to": typed[f"to-{n}"][:5]} for n in (0, 1)]
    body: dict[str, Any] = {name: typed[name] for name in ("kind", "from", "to") if typed[name]}
    body["reason"] = typed["reason"]  # here it is asked for
    body["hours"] = [one for one in hours if any(one.values())] if typed["kind"] == closures.OPEN else []
    try:
        return days_of(ClosureSchema().load(body))
    except ValidationError as refused:
        raise invalid(refused.messages_dict) from refused


def _page(code: str, typed: dict[str, str], *, days: Days | None = None, problem: Problem | None = None) -> str:
    at = runtime()
    _standing, found = look(nurse(), code, days=days)
    if days is not None:
        found = outlook.of_days(found, days.each)
    with at.db.reading() as session:
        coming = closures.coming(session, station=code, now=at.clock())
    first = today(at.clock())
    return console.page(
        "stations/closures.html",
        card=stations.card(code),
        coming=coming,
        typed={name: typed.get(name, "") for name in FIELDS},
        errors=_beside(field_errors(problem)),
        days=days,
        seen=repr(days) if days else "",
        first=first,
        last=first + timedelta(days=AHEAD),
        found=found,
        problem=problem,
        **stations.words(found),
    )


def _beside(errors: dict[str, str]) -> dict[str, str]:
    """By the form's own fields: whatever is wrong with the hours stands beside them."""
    return {("hours" if name.startswith("hours") else name): said for name, said in errors.items()}
