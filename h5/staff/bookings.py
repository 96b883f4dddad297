"""The day of a station: who comes, one visit, what was done, the sheet to print. Past days have no page."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.bookings import arrivals, completion, day
from backend.bookings.day import Visit
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.errors import Conflict, Invalid, NotFound, Problem, TooMany
from backend.lifecycles.booking import BOOKING, LABELS
from backend.web import arrivals as door
from backend.web.context import runtime
from backend.web.nurses import nurse
from backend.web.once import once
from h5.shell import keep_choice
from h5.staff import console, places

blp = Blueprint("h5_staff_bookings", __name__, url_prefix="/staff/bookings")
#: word + colour; the shape comes with the colour (.queue .tag).
KINDS = {"confirmed": "blue", "checked_in": "sun", "completed": "grey"}


@dataclass(frozen=True, slots=True)
class Hour:
    """The visits of one slot."""

    starts_at: datetime
    ends_at: datetime
    people: int
    visits: tuple[Visit, ...]


@blp.get("")
def show() -> Response:
    """Today by slot, or a coming day; ``?station=`` is kept as where the nurse sits."""
    at = places.place()
    answer = make_response(_day(at, "day/show.html"))
    if at.code and "station" in request.args:
        keep_choice(answer, places.COOKIE, at.code)
    return answer


@blp.get("/print")
def paper() -> str:
    """The same on paper, with boxes to tick."""
    return _day(places.place(), "day/print.html")


@blp.post("/search")
def search() -> str | Response:
    """The visit of a code that somebody reads out; posted, so that no address keeps it."""
    text = request.form.get("code", "").strip()
    try:
        found = door.find(nurse=nurse(), code=text[: door.LONGEST_TYPED])
    except (Conflict, NotFound, TooMany) as problem:
        return _day(places.place(), "day/show.html", typed=text, problem=problem)
    return redirect(url_for(".one", booking=found), 303)


@blp.get("/<id:booking>")
def one(booking: int) -> str:
    """One visit of today or a coming day, and what the nurse may do about it."""
    return _visit(booking)


@blp.post("/<id:booking>/check-in")
def check_in(booking: int) -> str | Response:
    """They are here; from the list, without a code."""
    try:
        once(arrivals.check_in_listed, nurse=nurse(), booking_id=booking, now=runtime().clock())
    except Conflict as problem:
        return _visit(booking, problem)
    return redirect(url_for(".one", booking=booking, done="here"), 303)


@blp.post("/<id:booking>/undo")
def undo(booking: int) -> str | Response:
    """They are not here after all."""
    try:
        once(arrivals.undo, nurse=nurse(), booking_id=booking, now=runtime().clock())
    except Conflict as problem:
        return _visit(booking, problem)
    return redirect(url_for(".show", done="undone"), 303)


@blp.post("/<id:booking>/completion")
def complete(booking: int) -> str | Response:
    """What was ticked was done; whoever is marked as not here keeps the plan free."""
    at = runtime()
    away = request.form.getlist("away")
    ticked = {whose: request.form.getlist(whose) for whose in request.form.getlist("whose") if whose not in away}
    try:
        once(completion.complete, vault=at.vault, nurse=nurse(), booking_id=booking, people=ticked, now=at.clock())
    except (Conflict, Invalid) as problem:
        return _visit(booking, problem)
    return redirect(url_for(".show", done="completed"), 303)


def _day(at: places.Place, template: str, *, typed: str = "", problem: Problem | None = None) -> str:
    now = runtime().clock()
    wanted = _wanted(today(now))
    visits: Sequence[Visit] = ()
    last = today(now)
    if at.code:
        with runtime().db.reading() as session:
            last = day.last_day(session, station=at.code, now=now)
            visits = day.sheet(
                session, runtime().vault, nurse=nurse(), station=at.code, day=wanted or today(now), now=now
            )
    return console.page(
        template,
        place=at,
        wanted=wanted or today(now),
        is_today=wanted is None,
        first=today(now),
        last=last,
        hours=_hours(visits),
        numbers=day.numbers(visits),
        labels=LABELS,
        kinds=KINDS,
        typed=typed,
        problem=problem,
        done=request.args.get("done", ""),
    )


def _wanted(now: date) -> date | None:
    """The coming day that is asked for; ``None``: today, also for days that are over and for nonsense."""
    try:
        wanted = date.fromisoformat(request.args.get("date", ""))
    except ValueError:
        return None
    return wanted if wanted > now else None


def _hours(visits: Sequence[Visit]) -> list[Hour]:
    grouped = groupby(visits, key=lambda visit: (visit.starts_at, visit.ends_at))
    found = [(span, tuple(group)) for span, group in grouped]
    return [Hour(begin, end, sum(visit.seats for visit in group), group) for (begin, end), group in found]


def _visit(booking: int, problem: Problem | None = None) -> str:
    at, now = runtime(), runtime().clock()
    with at.db.reading() as session:
        visit = day.one(session, at.vault, nurse=nurse(), booking_id=booking, now=now)
        form = completion.form(session, at.vault, visit=visit) if {"complete", "correct"} & set(visit.actions) else []
    ticked, away = {one.whose: list(one.ticked) for one in form}, [one.whose for one in form if one.away]
    if problem is not None and "whose" in request.form:
        ticked, away = {one.whose: request.form.getlist(one.whose) for one in form}, request.form.getlist("away")
    return console.page(
        "day/visit.html",
        visit=visit,
        form=form,
        ticked=ticked,
        away=away,
        label=BOOKING.label(visit.status),
        kind=KINDS[visit.status],
        problem=problem,
        done=request.args.get("done", ""),
        address=ids.encode(booking),
        key=secrets.token_urlsafe(16),
    )
