"""Changing a correction notice that was sent, taking it back, and taking back one that still waits for a consent."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.applications import corrections, second_corrections
from backend.applications.corrections import Wanted
from backend.applications.review import Decision
from backend.kernel.errors import Conflict, Invalid, Problem, Stale, Wrong
from backend.kernel.i18n import N_
from backend.kernel.text import clean, small_number
from backend.web.context import runtime
from backend.web.once import once
from backend.web.words import field_errors
from h5.staff import cases, console, forms, notice_fields
from h5.staff.forms import Form

blp = Blueprint("h5_staff_corrections", __name__, url_prefix="/staff/applications/<string:number>/correction")
LONGEST = 2000
Case = dict[str, Any]


@blp.get("")
def show(number: str) -> str | Response:
    """The open notice as a form."""
    case = cases.load(number)
    if case["correction"] is None:
        return _back(number)
    return _edit_page(case, _written(case["correction"]))


@blp.post("")
def edit(number: str) -> Response:
    """Change it; what was typed stays on the page whatever is refused."""
    at, case = runtime(), cases.load(number)
    if case["correction"] is None:
        return _back(number)
    decision, _fence, errors = forms.read([item["target"] for item in case["targets"]])
    if decision is None or errors:
        return _edit_refused(case, Invalid("unfinished", N_("还有地方要写，写好的都在")), errors)
    try:
        at.db.transact(
            corrections.edit,
            vault=at.vault,
            calendar=at.calendar,
            reviewer=console.clerk(),
            number=number,
            wanted=_wanted(decision),
            expected_version=_version(),
            now=at.clock(),
        )
    except (Conflict, Invalid, Stale) as problem:
        fresh = cases.load(number)
        if fresh["correction"] is None:
            return cases.refused(fresh, forms.fresh(), problem)
        return _edit_refused(fresh, problem, field_errors(problem))
    at.wake()
    return _back(number)


def _wanted(decision: Decision) -> Wanted:
    return Wanted(decision.note, decision.defects, decision.due_on)


@blp.get("/cancellation")
def cancelling(number: str) -> str | Response:
    """What taking the notice back means, and why it is done."""
    case = cases.load(number)
    if case["correction"] is None:
        return _back(number)
    return console.page("case/cancel.html", case=case, form=forms.fresh(), problem=None)


@blp.post("/cancellation")
def cancel(number: str) -> Response:
    """Take it back; the case waits in the queue again."""
    at = runtime()
    try:
        reason = clean(request.form.get("note", ""), max_length=LONGEST, multiline=True)
        once(
            corrections.cancel,
            vault=at.vault,
            calendar=at.calendar,
            reviewer=console.clerk(),
            number=number,
            reason=reason,
            expected_version=_version(),
            now=at.clock(),
        )
    except Wrong as wrong:
        return _cancel_refused(number, Invalid("note_missing", wrong.text, errors={"note": [wrong.text]}))
    except (Conflict, Stale) as problem:
        return _cancel_refused(number, problem)
    return _back(number)


@blp.post("/proposal/removal")
def drop(number: str) -> Response:
    """Take a second notice back before it is answered."""
    at = runtime()
    try:
        at.db.transact(second_corrections.drop, reviewer=console.clerk(), number=number, now=at.clock())
    except Conflict as problem:
        return cases.refused(cases.load(number), forms.fresh(), problem)
    return _back(number)


def _back(number: str) -> Response:
    return redirect(url_for("h5_staff_cases.show", number=number), 303)


def _version() -> int | None:
    """The version the page was made from; without one the press counts as it is."""
    return small_number(request.form.get("version", ""))


def _written(notice: dict[str, Any]) -> Form:
    """The form as the notice stands."""
    items = notice["items"]
    return Form(
        key=secrets.token_urlsafe(16),
        note=notice["note"],
        chosen=frozenset(item["target"] for item in items),
        reasons={item["target"]: item["reason"] for item in items},
        hand_ins={item["target"]: item["hand_in"] for item in items},
        due_on=notice["due_on"],
    )


def _edit_page(case: Case, form: Form, problem: Problem | None = None) -> str:
    return console.page("case/edit.html", case=case, form=form, problem=problem, asking=notice_fields.of(case))


def _edit_refused(case: Case, problem: Problem, errors: dict[str, str]) -> Response:
    return make_response(_edit_page(case, forms.typed(errors), problem), problem.status)


def _cancel_refused(number: str, problem: Problem) -> Response:
    """The page again; where the notice is gone meanwhile, the case with what happened."""
    case = cases.load(number)
    if case["correction"] is None:
        return cases.refused(case, forms.fresh(), problem)
    form = forms.typed(field_errors(problem))
    return make_response(console.page("case/cancel.html", case=case, form=form, problem=problem), problem.status)
