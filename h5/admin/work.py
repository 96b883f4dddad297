"""Background work that was given up: why, and another try."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.administration import work
from backend.kernel.errors import NotFound
from backend.kernel.text import small_number
from backend.web.admins import administrator
from backend.web.context import runtime
from backend.web.once import once
from h5.admin import pages
from h5.paths import with_word

blp = Blueprint("h5_admin_work", __name__, url_prefix="/staff/admin/dead-work")
LONGEST_ID = 18


@blp.get("")
def show() -> str:
    """The oldest first; numbers and kinds of errors only."""
    last = small_number(request.args.get("after", ""), digits=LONGEST_ID) or 0
    with runtime().db.reading() as session:
        found = work.dead(session, admin=administrator(), after=last, limit=pages.PAGE + 1)
    more = url_for(".show", after=found[pages.PAGE - 1].id) if len(found) > pages.PAGE else None
    rows = [(one, pages.fresh_key()) for one in found[: pages.PAGE]]
    topics = [(topic, pages.fresh_key()) for topic in sorted({one.topic for one, _ in rows})]
    return pages.page("work.html", rows=rows, topics=topics, more=more)


@blp.post("/<int:row>/replay")
def replay(row: int) -> Response:
    """Try one again."""
    return _replayed(row=row)


@blp.post("/topics/<string:topic>/replay")
def replay_topic(topic: str) -> Response:
    """Try everything of one kind again."""
    return _replayed(topic=topic)


def _replayed(**which: Any) -> Response:
    try:
        once(work.replay, admin=administrator(), now=runtime().clock(), **which)
    except NotFound:
        return redirect(url_for(".show"), 303)  # somebody else was faster: the list shows what is left
    return redirect(with_word(url_for(".show"), "saved"), 303)
