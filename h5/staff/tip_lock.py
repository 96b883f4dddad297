"""The lock before the pages of tips: asked for where it stands in the way; what was typed goes on after it.

The browser of an investigator holds the secret under which the key is open, in a cookie of these pages alone.
"""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, g, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from backend.kernel.errors import Locked, Problem
from backend.web import investigators
from backend.web.csrf import FIELD as CSRF
from backend.web.words import say
from h5.paths import here, own_path
from h5.staff import console

FIELD, NEXT = "unlock_with", "next"
UNLOCK = "h5_staff_tips.unlock"


def install(blp: Blueprint) -> Blueprint:
    """Ask for the passphrase wherever a page of this blueprint needs the open key."""
    blp.before_request(_unlock)
    blp.register_error_handler(Locked, lambda problem: ask())
    blp.after_request(_keep)
    return blp


def ask(error: str = "", status: int = 423) -> Response:
    """The passphrase, and under it whatever was typed into the form that met the lock."""
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in (CSRF, FIELD)]
    reading = request.method == "GET"
    opening = reading or request.endpoint == UNLOCK
    page = console.page(
        "tips/locked.html",
        error=error,
        action=url_for(UNLOCK) if reading else request.path,
        acting=not opening,
        kept=[(NEXT, here())] if reading else kept,
        words=[value for name, value in kept if name in ("text", "note", "tell") and value],
        back=url_for("h5_staff_tips.show"),
    )
    return make_response(page, status)


def onward() -> BaseResponse:
    """Back to where the lock stood in the way."""
    return redirect(own_path(request.form.get(NEXT), url_for("h5_staff_tips.show")), 303)


def _unlock() -> Response | None:
    """A passphrase that came with the form opens the key before the form is looked at."""
    typed = request.form.get(FIELD)
    if request.method != "POST" or typed is None:
        return None
    if not typed:
        return ask(_("请填解锁口令"), 422)
    fresh = secrets.token_urlsafe(32)
    try:
        investigators.unlock(typed, secret=fresh)
    except Problem as problem:
        return ask(say(problem.title), problem.status)
    g.tip_unlock = fresh
    return None


def _keep(response: Response) -> Response:
    fresh = g.get("tip_unlock")
    if fresh:
        investigators.remember(response, fresh)
    return response
