"""Days off and hand-over 请假和交接: until when a clerk is away, and who goes on with what they hold."""

from __future__ import annotations

import secrets
from datetime import date

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.accounts import absence
from backend.applications import handover
from backend.kernel.clock import today
from backend.kernel.errors import Conflict, Invalid, NotFound, Problem
from backend.kernel.i18n import N_
from backend.web.context import runtime
from backend.web.once import once
from h5.staff import console

blp = Blueprint("h5_staff_absence", __name__, url_prefix="/staff/absence")
LONGEST = 64


@blp.get("")
def show() -> str:
    """Both forms."""
    return _page()


@blp.post("")
def put() -> str | Response:
    """Away through a day, or back at work."""
    at, clerk = runtime(), console.clerk()
    now = at.clock()
    try:
        until = None if request.form.get("do") == "back" else _day(request.form.get("until", ""))
        at.db.transact(absence.set_away, staff_id=clerk.id, until=until, today=today(now), now=now)
    except Invalid as problem:
        return make_response(_page(problem), problem.status)
    return redirect(url_for(".show", done="away" if until else "back"), 303)


@blp.post("/handover")
def hand_over() -> str | Response:
    """Everything one clerk holds, at once."""
    at, clerk = runtime(), console.clerk()
    giver, to = (request.form.get(name, "").strip()[:LONGEST] for name in ("giver", "to"))
    try:
        moved = once(
            handover.hand_over, by=clerk, giver=giver or console.card().username, to=to or None, now=at.clock()
        )
    except (Conflict, NotFound) as problem:
        return make_response(_page(problem), problem.status)
    return redirect(url_for(".show", done="moved", n=moved), 303)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        words = N_("请填今天到一年以内的日子")
        raise Invalid("wrong_day", words, errors={"until": [words]}) from error


def _page(problem: Problem | None = None) -> str:
    at, card = runtime(), console.card()
    clerk = console.clerk()
    with at.db.reading() as session:
        until = absence.away_until(session, staff_id=clerk.id)
        colleagues = handover.colleagues(session, region=clerk.region, but=clerk.id)
    return console.page(
        "hands/absence.html",
        me=card,
        until=until,
        first=today(at.clock()),
        colleagues=colleagues,
        problem=problem,
        typed=request.form,
        done=request.args.get("done", ""),
        moved=request.args.get("n", "", str)[:4],
        key=secrets.token_urlsafe(16),
    )
