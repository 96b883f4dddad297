"""Notices 公示 at the console: open objections first, then what stands in the jurisdiction; answering an objection."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.applications import notice_desk, objections
from backend.catalogue import queries as catalogue
from backend.kernel.errors import Conflict, Forbidden, Invalid, Problem, Wrong
from backend.kernel.i18n import N_, Text
from backend.kernel.text import clean
from backend.web.context import runtime
from backend.web.once import once
from backend.web.words import field_errors
from h5.staff import console

blp = Blueprint("h5_staff_notices", __name__, url_prefix="/staff")
PAGE = 20


@blp.get("/notices")
def show() -> str:
    """What waits for an answer, and what is announced."""
    at, clerk = runtime(), console.clerk()
    cursor = request.args.get("cursor")
    with at.db.reading() as session:
        waiting = [] if cursor else notice_desk.waiting(session, reviewer=clerk)
        page = notice_desk.running(session, reviewer=clerk, limit=PAGE, cursor=cursor, now=at.clock())
        places = catalogue.region_names(session, sorted({one["region"] for one in waiting + page.items}))
    return console.page(
        "notices/list.html",
        waiting=waiting,
        running=page.items,
        places=places,
        more=url_for(".show", cursor=page.next_cursor) if page.next_cursor else None,
        first=url_for(".show") if cursor else None,
        done=_done(),
    )


def _done() -> str:
    return {
        "dismissed": _("已答复，异议不成立，期限接着算"),
        "upheld": _("已答复，异议成立，这件回到审核"),
    }.get(request.args.get("done", ""), "")


@blp.get("/objections/<id:objection>")
def objection(objection: int) -> str:
    """One objection with its words, and the answer to give; the look is recorded."""
    return _page(objection, {}, None)


@blp.post("/objections/<id:objection>/answer")
def answer(objection: int) -> Response:
    """Answer; whatever is refused, the words stay."""
    typed = {name: request.form.get(name, "") for name in ("upheld", "answer")}
    at = runtime()
    try:
        words = _words(typed)
        once(
            objections.answer,
            vault=at.vault,
            calendar=at.calendar,
            reviewer=console.clerk(),
            objection_id=objection,
            upheld=typed["upheld"] == "yes",
            words=words,
            now=at.clock(),
        )
    except (Conflict, Forbidden, Invalid) as problem:
        return make_response(_page(objection, typed, problem), problem.status)
    return redirect(url_for(".show", done="upheld" if typed["upheld"] == "yes" else "dismissed"), 303)


def _words(typed: dict[str, str]) -> str:
    errors: dict[str, list[Text]] = {}
    words = ""
    if typed["upheld"] not in ("yes", "no"):
        errors["upheld"] = [N_("请选异议成立还是不成立")]
    try:
        words = clean(typed["answer"], max_length=objections.LONGEST, multiline=True)
    except Wrong as wrong:
        errors["answer"] = [wrong.text]
    if errors:
        raise Invalid("unfinished", N_("还有地方要写，写好的都在"), errors=errors)
    return words


def _page(objection_id: int, typed: dict[str, str], problem: Problem | None) -> str:
    at = runtime()
    found: dict[str, Any] = at.db.transact(
        notice_desk.opened, at.vault, reviewer=console.clerk(), objection_id=objection_id, now=at.clock()
    )
    errors = field_errors(problem)
    return console.page(
        "notices/objection.html",
        objection=found,
        answerable="answer" in found["allowed_actions"],
        typed=typed,
        problem=problem,
        errors=errors,
        longest=objections.LONGEST,
        key=secrets.token_urlsafe(16),
    )
