"""Follow-ups for nurses: what was sent to their stations, newest first. Who was asked stands nowhere here."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.bookings import followup_desk
from backend.kernel import cursors
from backend.web.context import runtime
from backend.web.nurses import nurse
from h5.staff import console

blp = Blueprint("h5_staff_followups", __name__, url_prefix="/staff/follow-ups")

LIMIT = 20


@blp.get("")
def show() -> str:
    """Twenty at a time."""
    at, after = runtime(), cursors.read(request.args.get("cursor"))
    with at.db.reading() as session:
        found = followup_desk.listing(session, at.vault, nurse=nurse(), limit=LIMIT, before=after[1] if after else None)
    cursor = cursors.make(at.clock(), found[LIMIT - 1].id) if len(found) > LIMIT else None
    return console.page("followups/list.html", answers=found[:LIMIT], cursor=cursor)


@blp.post("/<id:answer>/seen")
def see(answer: int) -> Response:
    """Mark one as seen."""
    at = runtime()
    at.db.transact(followup_desk.see, nurse=nurse(), answer_id=answer, now=at.clock())
    return redirect(url_for(".show"), 303)
