"""Asking the applicant one thing, and leaving a note for colleagues."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from backend.applications import notes, questions
from backend.kernel.errors import Conflict, Invalid, Wrong
from backend.kernel.text import clean
from backend.web.context import runtime
from backend.web.once import once
from backend.web.words import say
from h5.staff import cases, console, forms

blp = Blueprint("h5_staff_threads", __name__, url_prefix="/staff/applications/<string:number>")
LONGEST = 2000


@blp.post("/questions")
def ask(number: str) -> Response:
    """A question that stops no clock."""
    return _say(number, "question", questions.ask, "questions")


@blp.post("/notes")
def note(number: str) -> Response:
    """A note the applicant never sees."""
    return _say(number, "remark", notes.write, "notes")


def _say(number: str, field: str, command: Callable[..., int], place: str) -> Response:
    """Write it down; what is refused stays in its field."""
    at = runtime()
    try:
        text = clean(request.form.get(field, ""), max_length=LONGEST, multiline=True)
        once(command, vault=at.vault, reviewer=console.clerk(), number=number, text=text, now=at.clock())
    except Wrong as wrong:
        refused = Invalid("unfinished", wrong.text)
        return cases.refused(cases.load(number), forms.typed({field: say(wrong.text)}), refused)
    except Conflict as problem:
        return cases.refused(cases.load(number), forms.typed(), problem)
    return redirect(url_for("h5_staff_cases.show", number=number) + f"#{place}", 303)
