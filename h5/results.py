"""My result: once more a code, then what it says in plain words, the letter, and the way to erase it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from backend.bookings import results as domain
from backend.kernel.errors import Forbidden, NotFound
from backend.web import results
from backend.web.bookings import my_booking
from backend.web.context import runtime
from backend.web.guards import caller
from h5.paths import with_word

blp = Blueprint("h5_results", __name__)


@blp.get("/results")
def listing() -> str:
    """Every result that is there, without a word of what is in it."""
    with runtime().db.reading() as session:
        waiting = domain.ready(session, resident_id=caller().id)
    return render_template("results/list.html", waiting=waiting)


@blp.get("/bookings/<id:booking>/result")
def show(booking: int) -> str | Response:
    """What it says; without the second step first there."""
    my_booking(booking)
    try:
        return render_template("results/show.html", booking=booking, found=results.own(booking))
    except NotFound:
        return render_template("results/none.html", booking=booking)
    except Forbidden:
        return _step()


@blp.get("/bookings/<id:booking>/result/letter.pdf")
def letter(booking: int) -> ResponseReturnValue:
    """The letter of the station."""
    try:
        return results.letter(booking)
    except Forbidden:
        return redirect(url_for("h5_second_step.show", next=url_for(".show", booking=booking)), 303)


@blp.get("/bookings/<id:booking>/result/erasure")
def ask(booking: int) -> str | Response:
    """Asks once whether it is really to go."""
    try:
        results.own(booking)
    except Forbidden:
        return _step()
    return render_template("results/erase.html", booking=booking)


@blp.post("/bookings/<id:booking>/result/erasure")
def erase(booking: int) -> Response:
    """It is gone."""
    try:
        results.erase(booking)
    except Forbidden:
        return redirect(url_for("h5_second_step.show", next=url_for(".ask", booking=booking)), 303)
    return redirect(with_word(url_for("h5_bookings.show", booking=booking), "removed"), 303)


def _step() -> Response:
    """To the second step and back to this page."""
    return redirect(url_for("h5_second_step.show", next=request.path), 303)
