"""Where a reporter begins: what is kept, what cannot be hidden, who reads it, and other ways."""

from __future__ import annotations

import contextlib

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from backend.kernel.errors import Problem
from backend.tips import counting, recipients
from backend.tips.recipients import InvestigatorCard
from backend.web.tips_skin import IN_WECHAT
from h5.tips.screen import at, page
from h5.tips.words import hours, past

blp = Blueprint("tips_start", __name__, url_prefix="/tips")


@blp.get("")
def show() -> Response:
    """The advice; inside WeChat first the way out of it."""
    return page("tips/wechat.html") if request.environ[IN_WECHAT] else advice()


@blp.get("/advice")
def advice() -> Response:
    """The advice, wherever it is read."""
    return page(
        "tips/start.html", investigators=investigators(), hours=hours(at().line.release_hours), years=past_years()
    )


@blp.get("/leave")
def leave() -> Response:
    """Away from here at once: somewhere ordinary."""
    return redirect(at().line.exit_url, 303)


def investigators() -> list[InvestigatorCard]:
    """Who would read a tip of this county; none while the database is away, which shall cost nobody their words."""
    with contextlib.suppress(Problem), at().db.reading() as session:
        return recipients.active(session, county=at().line.county)
    return []


def past_years() -> list[str]:
    """What the tips of years that are over came to, as far as numbers may be told."""
    with contextlib.suppress(Problem), at().db.reading() as session:
        return past(counting.shown(session, county=at().line.county, today=at().today))
    return []
