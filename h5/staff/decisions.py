"""Deciding 决定 under a claim, and opening a decided case again; whatever is refused, the words stay."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.applications import review
from backend.kernel.errors import Conflict, Invalid, Wrong
from backend.kernel.i18n import N_
from backend.kernel.text import clean
from backend.web.context import runtime
from backend.web.once import once
from backend.web.words import field_errors, say
from h5.staff import cases, console, forms

blp = Blueprint("h5_staff_decisions", __name__, url_prefix="/staff/applications/<string:number>")
LONGEST = 2000


@blp.post("/decisions")
def decide(number: str) -> Response:
    """One decision; then back to the queue with the offer of the next case."""
    case = cases.load(number)
    if request.form.get("do") == "renew":
        return _renew(number)
    decision, fence, errors = forms.read([item["target"] for item in case["targets"]])
    if decision is None or errors:
        return cases.refused(case, forms.typed(errors), Invalid("unfinished", N_("还有地方要写，写好的都在")))
    at = runtime()
    try:
        once(
            review.decide,
            vault=at.vault,
            calendar=at.calendar,
            reviewer=console.clerk(),
            number=number,
            decision=decision,
            fence=fence,
            now=at.clock(),
        )
    except (Conflict, Invalid) as problem:
        return cases.refused(cases.load(number), forms.typed(field_errors(problem)), problem)
    return redirect(url_for("h5_staff_queue.show", done=_done(case, decision.kind), number=number), 303)


@blp.post("/reopening")
def reopen(number: str) -> Response:
    """Put a decided case back into review; its certificate is revoked."""
    at = runtime()
    try:
        reason = clean(request.form.get("reason", ""), max_length=LONGEST, multiline=True)
    except Wrong as wrong:
        said = {"reason": say(wrong.text)}
        return cases.refused(cases.load(number), forms.typed(said), Invalid("unfinished", wrong.text))
    try:
        once(
            review.reopen,
            vault=at.vault,
            calendar=at.calendar,
            reviewer=console.clerk(),
            number=number,
            reason=reason,
            now=at.clock(),
        )
    except Conflict as problem:
        return cases.refused(cases.load(number), forms.typed(), problem)
    return redirect(url_for("h5_staff_cases.show", number=number), 303)


def _renew(number: str) -> Response:
    """Claim (again) without losing a word."""
    try:
        cases.take(number)
    except Conflict as problem:
        return cases.refused(cases.load(number), forms.typed(), problem)
    return Response(cases.page(cases.load(number), forms.typed()), mimetype="text/html")


def _done(case: dict[str, Any], kind: str) -> str:
    """The word for what the decision did."""
    if kind == "approve" and case["notice_days"]:
        return "notice"
    if kind == "approve" and case["ways"] and case["ways"]["approve"]:
        return "hand_up"
    # A second notice is only proposed: the next level sends it.
    return "propose" if kind == "request_correction" and case["next_ordinal"] > 1 else kind
