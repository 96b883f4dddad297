"""Results: a nurse brings them in by the eight letters of a booking, and cannot read them again."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.bookings.risks import risks
from backend.kernel.errors import NotFound, Problem
from backend.web import result_desk
from backend.web.words import field_errors
from h5.shell import in_language
from h5.staff import console

blp = Blueprint("h5_staff_results", __name__, url_prefix="/staff/results")


@blp.get("")
def find() -> str | Response:
    """Type the letters; then on to the people of that visit."""
    typed = request.args.get("code", "").strip()[:16]
    if not typed:
        return console.page("results/find.html", typed="", problem=None)
    try:
        found = result_desk.sheet(code=typed)
    except NotFound as problem:
        return make_response(console.page("results/find.html", typed=typed, problem=problem), 404)
    return redirect(url_for(".show", booking=found.booking_id), 303)


@blp.get("/<id:booking>")
def show(booking: int) -> str:
    """The people of one visit, whose result is there, and the form."""
    return _page(booking)


@blp.post("/<id:booking>")
def take_in(booking: int) -> str | Response:
    """Keep one result; what is wrong is said beside the field."""
    try:
        result_desk.take_in(booking)
    except Problem as problem:
        if problem.status in (401, 403, 404):
            raise
        return make_response(_page(booking, problem), problem.status)
    return redirect(url_for(".show", booking=booking, done=request.form.get("whose", "")[:10]), 303)


def _page(booking: int, problem: Problem | None = None) -> str:
    sheet = result_desk.sheet(booking_id=booking)
    said = {"booker": _("预约的人"), "partner": _("爱人")}
    values: dict[str, Any] = {
        "sheet": sheet,
        "names": said,
        "people": [(one.whose, f"{said[one.whose]} {one.name_masked}", None) for one in sheet.people if one.online],
        "risks": [(one.code, in_language(one), in_language(one, "advice")) for one in risks().values()],
        "problem": problem,
        "errors": field_errors(problem),
        "whose": request.form.get("whose", "")[:10],
        "risk": request.form.get("risk", "")[:32],
        "done": request.args.get("done", "")[:10],
        "key": secrets.token_urlsafe(16),
    }
    return console.page("results/show.html", **values)
