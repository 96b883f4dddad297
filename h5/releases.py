"""Where seats that came back went: public, and nobody is in it."""

from __future__ import annotations

from flask import Blueprint, render_template

from backend.bookings import queries, returns
from backend.web.context import runtime
from backend.web.words import language

blp = Blueprint("h5_releases", __name__, url_prefix="/stations/<string:station>/releases")


@blp.get("")
def show(station: str) -> str:
    """The latest releases of a station."""
    with runtime().db.reading() as session:
        card = queries.station(session, station)
        lines = returns.log(session, station=station)
    return render_template("waitlist/releases.html", station=card, name=card.called(language()), lines=lines)
