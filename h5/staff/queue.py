"""The queue 待办: the cases of the jurisdiction by deadline, what presses, and the next one."""

from __future__ import annotations

import secrets
import unicodedata

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.applications import claims, desk, next_case, queue as cases
from backend.kernel.errors import NotFound
from backend.web.context import runtime
from backend.web.once import once
from h5.staff import console, lists, rooms

blp = Blueprint("h5_staff_queue", __name__, url_prefix="/staff")
PAGE = 20
LONGEST_NUMBER = 24


@blp.get("")
def show() -> str | Response:
    """What waits for me, by deadline; other roles go to the first room that is theirs, or hear that there is none."""
    if console.card().role != console.ROLE:
        begin = rooms.first(console.card())
        return redirect(begin, 303) if begin else console.page("elsewhere.html")
    return _page()


@blp.get("/find")
def find() -> str | Response:
    """Open a case by its number."""
    typed = request.args.get("number", "")[:LONGEST_NUMBER]
    number = unicodedata.normalize("NFKC", typed).strip().upper()
    clerk = console.clerk()
    try:
        with runtime().db.reading() as session:
            claims.in_jurisdiction(session, clerk, number, lock=False)
    except NotFound:
        return make_response(_page(missed=typed), 404)
    return redirect(url_for("h5_staff_cases.show", number=number), 303)


@blp.post("/next")
def take() -> str | Response:
    """Claim the next case and open it; a second tap opens the same one."""
    at, clerk = runtime(), console.clerk()
    try:
        taken = once(next_case.take, reviewer=clerk, now=at.clock())
    except NotFound:
        return redirect(url_for(".show", view="todo", done="nothing"), 303)
    with at.db.reading() as session:
        number = next_case.number(session, application_id=taken)
    return redirect(url_for("h5_staff_cases.show", number=number), 303)


def _page(*, missed: str | None = None) -> str:
    at, clerk = runtime(), console.clerk()
    now = at.clock()
    with at.db.reading() as session:
        wanted = lists.wanted(session, clerk)
        page = cases.page(
            session, reviewer=clerk, wanted=wanted.filter, limit=PAGE, cursor=request.args.get("cursor"), now=now
        )
        counts = cases.counts(session, reviewer=clerk, now=now)
        notices = desk.notices(session, reviewer=clerk, now=now)
        lines = lists.lines(session, clerk, page.items)
    return console.page(
        "queue.html",
        wanted=wanted,
        tabs=lists.tabs(wanted, counts),
        lines=lines,
        more=wanted.href(cursor=page.next_cursor) if page.next_cursor else None,
        first=wanted.href() if "cursor" in request.args else None,
        notices=[lists.notice(one) for one in notices],
        unknown_years=lists.unknown_years(),
        empty=lists.empty(wanted),
        takeable=counts["unclaimed"] > 0,
        done=lists.done(),
        missed=missed,
        key=secrets.token_urlsafe(16),
    )
