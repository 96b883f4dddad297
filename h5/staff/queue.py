"""The queue 待办: the cases of the jurisdiction by deadline, what presses, and the next one."""

from __future__ import annotations

import secrets
import unicodedata

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.applications import claims, desk, next_case, queue as cases, search as finding
from backend.applications.bulk_checks import MOST
from backend.kernel.errors import Invalid, NotFound
from backend.kernel.privacy import ID_TYPES
from backend.web.context import runtime
from backend.web.once import once
from h5.staff import console, lists, rooms

blp = Blueprint("h5_staff_queue", __name__, url_prefix="/staff")
PAGE = 20
LONGEST_NUMBER, LONGEST_TYPED = 24, 100


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


@blp.post("/search")
def search() -> str | Response:
    """A person's cases by exact name or document; the words typed stay out of every address."""
    at, clerk = runtime(), console.clerk()
    name, number = (request.form.get(field, "")[:LONGEST_TYPED].strip() for field in ("name", "id_number"))
    kind = request.form.get("id_type", "")
    try:
        person = finding.person(name=name, id_type=kind if kind in ID_TYPES else None, id_number=number)
    except Invalid as problem:
        return make_response(console.page("found.html", lines=[], more=False, problem=problem), problem.status)
    found = at.db.transact(finding.by_person, vault=at.vault, reviewer=clerk, person=person, now=at.clock())
    with at.db.reading() as session:
        lines = lists.lines(session, clerk, found.items)
    return console.page("found.html", lines=lines, more=found.more, problem=None)


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
        wanted = lists.wanted(session, clerk, request.args)
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
        own_turn=lists.OWN_TURN,
        most=MOST,
        takeable=counts["unclaimed"] > 0,
        done=lists.done(),
        missed=missed,
        key=secrets.token_urlsafe(16),
    )
