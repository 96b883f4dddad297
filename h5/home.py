"""The first page: what can be done here, and what this person is waiting for."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _

from backend.applications import queries
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.words import language
from h5 import benefits, bookings, cases, waitlist
from h5.cases import CaseLine
from h5.dates import in_care

blp = Blueprint("h5_home", __name__)

#: So many lines stand on the first page.
SHOWN = 5
Tile = tuple[str, str, str, str]


@blp.get("/")
def show() -> str:
    """Tiles, search, and my cases when signed in."""
    waiting, more = _waiting()
    checkup = [line for line in (waitlist.current(), bookings.current()) if line]
    waiting = checkup + _confirmations() + waiting
    urgent = [line for line in waiting if line.kind == "sun"]
    mine = [line for line in waiting if line.kind != "sun"]
    return render_template("home.html", tiles=_tiles(), tip_line=_tip_line(), urgent=urgent, mine=mine, more=more)


def _waiting() -> tuple[list[CaseLine], bool]:
    """The cases that wait for someone, those that wait for this person first."""
    if caller().kind != "resident":
        return [], False
    with runtime().db.reading() as session:
        page = queries.mine(session, resident_id=caller().id, limit=20, cursor=None)
    waiting = sorted((line for line in cases.lines(page.items) if line.waiting), key=lambda line: line.kind != "sun")
    return waiting[:SHOWN], len(page.items) > len(waiting[:SHOWN]) or page.next_cursor is not None


def _confirmations() -> list[CaseLine]:
    """Yearly confirmations that this person may tap away."""
    if caller().kind != "resident":
        return []
    return [CaseLine(name, href, line, _("等您确认"), "sun", True) for name, href, line in benefits.waiting()]


def _tip_line() -> str:
    """Where one reports. What was chosen here goes along in the address: over there no cookie is read."""
    line = runtime().settings.tips
    chosen = ({"lang": "en"} if language() == "en" else {}) | ({"care": "1"} if in_care() else {})
    start = "/tips" if line.shared_origin else f"{line.origin}/tips"
    return f"{start}?{urlencode(chosen)}" if chosen else start


def _tiles() -> list[Tile]:
    """(address, drawing, name, what it saves a person)."""
    return [
        (url_for("h5_services.show", code="migrant-proof"), "paper", _("办婚育证明"), _("不用回老家")),
        (url_for("h5_services.listing"), "list", _("全部事项"), _("登记、补助等")),
        (url_for("h5_progress.form"), "clock", _("查进度"), _("不用登录")),
        (url_for("h5_checkup.stations"), "heart", _("孕前检查"), _("免费 19 项")),
    ]
