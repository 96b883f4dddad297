"""Visits at home 上门 of my case: take the time that is offered, or say that it does not suit."""

from __future__ import annotations

import secrets

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from backend.applications import queries, visits
from backend.kernel.errors import Conflict
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once
from backend.web.visits import LABELS

blp = Blueprint("h5_visits", __name__, url_prefix="/applications/<id:application>/visits")


@blp.get("")
def show(application: int, refused: Conflict | None = None) -> str:
    """When somebody comes, and how to change it."""
    at = runtime()
    with at.db.reading() as session:
        row = queries.handed_in(session, resident_id=caller().id, application_id=application)
        cards = visits.of_case(session, application, now=at.clock())
    return render_template(
        "applications/visits.html",
        application=application,
        number=row.number,
        cards=cards,
        labels=LABELS,
        refused=refused,
        key=secrets.token_urlsafe(16),
    )


@blp.post("/<id:visit>/agreement")
def agree(application: int, visit: int) -> str | Response:
    """Take the time."""
    return _answer(visits.agree, application, visit)


@blp.post("/<id:visit>/cancellation")
def decline(application: int, visit: int) -> str | Response:
    """Another time, or none."""
    return _answer(visits.decline, application, visit)


def _answer(command: object, application: int, visit: int) -> str | Response:
    now = runtime().clock()
    try:
        once(command, resident_id=caller().id, application_id=application, visit_id=visit, now=now)  # type: ignore[arg-type]
    except Conflict as problem:
        return show(application, problem)
    return redirect(url_for(".show", application=application), 303)
