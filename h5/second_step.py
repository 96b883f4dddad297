"""A code from a text message once more, before what is for one pair of eyes; then on to where the person was."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from backend.kernel.errors import Problem, Wrong
from backend.kernel.text import ascii_digits
from backend.web import second_step
from backend.web.words import say
from h5.paths import own_path

blp = Blueprint("h5_second_step", __name__, url_prefix="/second-step")


@blp.get("")
def show() -> str | Response:
    """Why once more, and the number the code goes to."""
    back = own_path(request.args.get("next"))
    return redirect(back, 303) if second_step.taken() else _page(back, sent=False)


@blp.post("/code")
def send_code() -> str | Response:
    """Send the code and ask for it."""
    back = own_path(request.form.get("next"))
    try:
        second_step.send_code()
    except Problem as problem:
        return _refused(_page(back, sent=False, error=say(problem.title)), problem)
    return _page(back, sent=True)


@blp.post("")
def take() -> str | Response:
    """Look at the code, then on."""
    back = own_path(request.form.get("next"))
    try:
        second_step.take(ascii_digits(request.form.get("code", "")[:12]))
    except Wrong as wrong:
        return make_response(_page(back, sent=True, error=say(wrong.text)), 422)
    except Problem as problem:
        return _refused(_page(back, sent=True, error=say(problem.title)), problem)
    return redirect(back, 303)


def _page(back: str, *, sent: bool, error: str | None = None) -> str:
    masked = second_step.number()
    return render_template("session/second_step.html", next=back, sent=sent, masked=masked, error=error)


def _refused(page: str, problem: Problem) -> Response:
    response = make_response(page, problem.status)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response
