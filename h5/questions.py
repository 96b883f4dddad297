"""A question of the office 提问: read it, reply once."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.applications import questions
from backend.kernel import ids
from backend.kernel.errors import Conflict, NotFound, Wrong
from backend.kernel.i18n import N_
from backend.kernel.text import clean
from backend.web.cases import own
from backend.web.once import once
from backend.web.words import say
from h5 import cases
from h5.paths import with_word

blp = Blueprint("h5_questions", __name__, url_prefix="/applications/<id:application>/questions/<id:question>")
LONGEST = 2000


@blp.get("")
def show(application: int, question: int) -> str:
    """What is asked, with a field for the reply, or the reply."""
    return _page(application, question, "")


@blp.post("")
def reply(application: int, question: int) -> str | Response:
    """Reply; a second press finds it done."""
    try:
        text = clean(request.form.get("text", ""), max_length=LONGEST, multiline=True)
        once(questions.reply, **own(application), question_id=question, text=text)
    except Wrong as wrong:
        return make_response(_page(application, question, say(wrong.text)), 422)
    except Conflict as refused:
        return make_response(_page(application, question, say(refused.title)), 409)
    return redirect(with_word(url_for("h5_applications.show", application=application), "replied"), 303)


def _page(application: int, question: int, error: str) -> str:
    case = cases.load(application)
    return render_template(
        "applications/question.html",
        application=case["id"],
        question=_one(case, question),
        phone=case["phone"],
        typed=request.form.get("text", ""),
        key=secrets.token_urlsafe(16),
        error=error,
    )


def _one(case: dict[str, Any], question: int) -> dict[str, Any]:
    found = next((one for one in case["questions"] if one["id"] == ids.encode(question)), None)
    if found is None:
        raise NotFound("not_found", N_("没有找到这个问题"))
    return found
