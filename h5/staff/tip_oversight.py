"""The city-level oversight 市级监督 at the console: what it is asked to look at, and the parcel only it can open."""

from __future__ import annotations

from flask import Blueprint, Response, url_for

from backend.web import tip_oversight
from backend.web.context import runtime
from backend.web.words import say
from h5.staff import console, tip_lock

blp = tip_lock.install(Blueprint("h5_staff_tip_oversight", __name__, url_prefix="/staff/tips/oversight"))


@blp.get("")
def show() -> str:
    """Whose key it is, how many tips missed a day, and the way to send them."""
    return console.page(
        "tips/oversight.html",
        office=say(runtime().tips.line.oversight),
        waiting=tip_oversight.waiting(),
        back=url_for("h5_staff_tips.show"),
    )


@blp.post("/parcel")
def parcel() -> Response:
    """The parcel; it is in the log of every tip in it."""
    return tip_oversight.parcel()
