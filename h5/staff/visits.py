"""Visits at home 上门: the coming ones, and on a case's page the offer of a time."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.applications import claims, visits
from backend.catalogue import queries as catalogue
from backend.kernel.clock import SHANGHAI, local
from backend.kernel.errors import Conflict, Invalid, Problem
from backend.kernel.i18n import N_
from backend.web.context import runtime
from backend.web.once import once
from backend.web.visits import LABELS
from h5.staff import console

blp = Blueprint("h5_staff_visits", __name__, url_prefix="/staff")
CASE = "/applications/<string:number>/visits"


@blp.get("/visits")
def show() -> str:
    """Coming visits of the jurisdiction by time, and past ones to mark."""
    at, clerk = runtime(), console.clerk()
    with at.db.reading() as session:
        cards = visits.agenda(session, reviewer=clerk, now=at.clock())
        places = catalogue.region_names(session, [card.region for card in cards])
    return console.page("visits.html", cards=cards, places=places, labels=LABELS, key=secrets.token_urlsafe(16))


@blp.get(CASE)
def of_case(number: str) -> str:
    """The visits of one case, and a form that offers a time."""
    return _page(number)


@blp.post(CASE)
def offer(number: str) -> str | Response:
    """Offer a time; what was typed stays when it does not fit."""
    at = runtime()
    try:
        starts_at = _typed()
        once(
            visits.offer,
            calendar=at.calendar,
            reviewer=console.clerk(),
            number=number,
            starts_at=starts_at,
            now=at.clock(),
        )
    except (Conflict, Invalid) as problem:
        return _page(number, problem)
    return redirect(url_for(".of_case", number=number), 303)


@blp.post(CASE + "/<id:visit>/cancellation")
def call_off(number: str, visit: int) -> Response:
    """The office cannot come."""
    once(visits.call_off, reviewer=console.clerk(), number=number, visit_id=visit, now=runtime().clock())
    return redirect(url_for(".of_case", number=number), 303)


@blp.post(CASE + "/<id:visit>/completion")
def made(number: str, visit: int) -> Response:
    """It took place."""
    once(visits.made, reviewer=console.clerk(), number=number, visit_id=visit, now=runtime().clock())
    return redirect(url_for(".of_case", number=number), 303)


def _page(number: str, problem: Problem | None = None) -> str:
    at = runtime()
    with at.db.reading() as session:
        row = claims.in_jurisdiction(session, console.clerk(), number, lock=False)
        cards = visits.of_case(session, row.id, now=at.clock())
    return console.page(
        "visit.html",
        number=number,
        holder=row.holder_masked,
        cards=cards,
        labels=LABELS,
        problem=problem,
        days=_days(),
        typed={name: request.form.get(name, "") for name in ("day", "hour")},
        key=secrets.token_urlsafe(16),
    )


def _days() -> list[Any]:
    """The next ten working days."""
    at = runtime()
    today = local(at.clock()).date()
    return [at.calendar.add(today, count) for count in range(1, 11)]


def _typed() -> datetime:
    """Day and hour as chosen, in China's time; ``Invalid`` for anything else."""
    try:
        day = datetime.fromisoformat(request.form.get("day", ""))
        hour, minute = (int(part) for part in request.form.get("hour", "").split(":"))
        return day.replace(tzinfo=SHANGHAI) + timedelta(hours=hour, minutes=minute)
    except ValueError as error:
        words = N_("请选哪一天、几点")
        raise Invalid("bad_time", words, errors={"starts_at": [words]}) from error
