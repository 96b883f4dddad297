"""One case 申请 at the console: everything on one page, claiming and giving back, its audit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, redirect, url_for
from werkzeug.wrappers import Response

from backend.applications import claims, desk, looks, seen
from backend.kernel.errors import Conflict, Problem
from backend.web.context import runtime
from backend.web.looking import look
from backend.web.presence import stay
from h5 import dates
from h5.cases import name_of
from h5.staff import console, notice_fields, papers, templates, wording
from h5.staff.forms import Form, fresh

blp = Blueprint("h5_staff_cases", __name__, url_prefix="/staff/applications/<string:number>")


def load(number: str) -> dict[str, Any]:
    """The case as this clerk may see it; ``NotFound`` outside the jurisdiction."""
    at, clerk = runtime(), console.clerk()
    look(number)
    with at.db.reading() as session:
        case = desk.case(session, at.vault, calendar=at.calendar, reviewer=clerk, number=number, now=at.clock())
    return stay(case)


@blp.get("")
def show(number: str) -> str:
    """State, deadline, holder, answers, papers, changes, course, and the decision under a claim."""
    case = load(number)
    runtime().db.transact(seen.saw, reviewer=console.clerk(), number=number)
    return page(case, templates.filled(fresh(), case))


@blp.post("/claim")
def claim(number: str) -> Response:
    """Take the case for half an hour; when somebody else has it, say who and until when."""
    try:
        take(number)
    except Conflict as problem:
        return refused(load(number), fresh(), problem)
    return redirect(url_for(".show", number=number), 303)


@blp.post("/release")
def release(number: str) -> Response:
    """Give the case back to the queue."""
    at = runtime()
    at.db.transact(claims.release, reviewer=console.clerk(), number=number, now=at.clock())
    return redirect(url_for("h5_staff_queue.show", done="release", number=number), 303)


@blp.get("/audit")
def audit(number: str) -> str:
    """Who did what when: the hash-chained record."""
    console.clerk()
    look(number, looks.RECORD)
    with runtime().db.reading() as session:
        entries = desk.audit(session, reviewer=console.clerk(), number=number)
    return console.page("audit.html", number=number, entries=[_entry(entry) for entry in entries])


def take(number: str) -> None:
    """Claim or renew; the same command whichever form asks."""
    at = runtime()
    at.db.transact(claims.claim, reviewer=console.clerk(), number=number, now=at.clock())


def page(case: dict[str, Any], form: Form, problem: Problem | None = None) -> str:
    """The page of a case with what was typed so far; ``problem``: why the last press did not count."""
    held = bool(case["claim"] and case["claim"]["mine"])
    return console.page(
        "case.html",
        case=case,
        name=name_of(case),
        form=form,
        problem=problem,
        held=held,
        mark=wording.mark(case),
        status=wording.status(case),
        unreachable=dates.moment(case["unreachable"]["since"]) if case["unreachable"] else "",
        deadline=wording.deadline(case),
        holding=wording.held(case["claim"]),
        relation=wording.relation(case["mandate"]["relation"]) if case["mandate"] else "",
        papers=papers.of(case),
        changes=papers.changes(case),
        course=papers.course(case),
        returned=papers.returned(case),
        deciding=(held and not case["proposal"]) or form.typed,
        asking=notice_fields.of(case),
        usual=templates.choices(case) if held else [],
    )


def refused(case: dict[str, Any], form: Form, problem: Problem) -> Response:
    """The page again, with every word still in it."""
    return make_response(page(case, form, problem), problem.status)


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    return entry | {
        "moment": dates.moment(entry["at"]),
        "who": entry["post"] or wording.actor(entry["actor"]),
        "what": wording.act(entry["act"]),
    }
