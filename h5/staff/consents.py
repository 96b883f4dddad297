"""Consents 同意: second corrections that the level below wants to send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.applications import second_corrections, wanted_consents
from backend.kernel.errors import Conflict, Forbidden, Invalid, Problem
from backend.kernel.i18n import N_
from backend.web.context import runtime
from backend.web.once import once
from backend.web.words import field_errors, say
from h5 import dates
from h5.cases import name_of
from h5.staff import cases, console, forms
from h5.staff.forms import Form

blp = Blueprint("h5_staff_consents", __name__, url_prefix="/staff")
PAGE = 20
ANSWERS = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Line:
    """One proposal that waits."""

    number: str
    holder: str
    name: str
    href: str
    why: str
    when: str
    tag: str


@blp.get("/consents")
def show() -> str:
    """Those of my office, the oldest first."""
    clerk = console.clerk()
    with runtime().db.reading() as session:
        page = wanted_consents.wanted(session, reviewer=clerk, limit=PAGE, cursor=request.args.get("cursor"))
    return console.page(
        "case/consents.html",
        lines=[_line(item) for item in page.items],
        more=url_for(".show", cursor=page.next_cursor) if page.next_cursor else None,
        done=_done(),
    )


@blp.get("/applications/<string:number>/correction/consent")
def ask(number: str) -> str:
    """What would be sent, why, and what was sent before."""
    return _page(cases.load(number), forms.fresh())


@blp.post("/applications/<string:number>/correction/consent")
def answer(number: str) -> Response:
    """Agree or not; words that were written stay, whatever is refused."""
    at, given = runtime(), request.form.get("consent", "")
    try:
        once(
            second_corrections.consent,
            vault=at.vault,
            calendar=at.calendar,
            reviewer=console.clerk(),
            number=number,
            agree=_chosen(given),
            note=forms.words("note"),
            now=at.clock(),
        )
    except (Conflict, Forbidden, Invalid) as problem:
        errors = field_errors(problem)
        page = _page(cases.load(number), forms.typed(errors), problem)
        return make_response(page, problem.status)
    return redirect(url_for(".show", done=given), 303)


def _chosen(given: str) -> bool:
    if given not in ANSWERS:
        words = N_("请选同意或不同意")
        raise Invalid("unfinished", words, errors={"consent": [words]})
    return ANSWERS[given]


def _page(case: dict[str, Any], form: Form, problem: Problem | None = None) -> str:
    chosen = request.form.get("consent", "")
    return console.page("case/consent.html", case=case, name=name_of(case), form=form, problem=problem, chosen=chosen)


def _line(item: dict[str, Any]) -> Line:
    return Line(
        number=item["number"],
        holder=item["holder_masked"],
        name=name_of(item),
        href=url_for(".ask", number=item["number"]),
        why=say(item["reason_label"]),
        when=_("%(at)s 提出", at=dates.moment(item["proposed_at"])),
        tag=_("第 %(n)s 次", n=item["ordinal"]),
    )


def _done() -> str:
    """What was just answered, from the address."""
    said = {"yes": _("同意了，已经发给申请人"), "no": _("没有同意，提出的人会收到原因")}
    return said.get(request.args.get("done", ""), "")
