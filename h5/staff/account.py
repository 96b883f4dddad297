"""My account 我的账号 of staff: password, second factor, recovery codes, where I am signed in."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from backend.accounts import factors
from backend.certificates import qr
from backend.kernel.errors import Problem
from backend.web import own_account
from backend.web.context import runtime
from backend.web.guards import caller, unready
from backend.web.words import field_errors, say
from h5.paths import with_word
from h5.staff import console

blp = Blueprint("h5_staff_account", __name__, url_prefix="/staff/account")
#: Pages of other rooms about oneself, shown once they exist.
OTHERS = ("h5_staff_relatives.show", "h5_staff_absence.show")


@blp.get("")
def show() -> str:
    """What I can look after; until the account is ready, what has to be done first."""
    card, refusal = console.card(), unready()
    with runtime().db.reading() as session:
        left = factors.codes_left(session, staff_id=card.id)
    return console.page(
        "account/show.html",
        card=card,
        first=refusal.code if refusal else "",
        codes_left=left,
        sessions=own_account.live_sessions(),
        mine=caller().session_id,
        others=[endpoint for endpoint in OTHERS if endpoint in current_app.view_functions],
    )


@blp.get("/password")
def password() -> str:
    """The present password and the next one."""
    return _password_page({})


@blp.post("/password")
def put_password() -> str | Response:
    """Change it; other sessions end."""
    given = {name: request.form.get(name, "")[:200] for name in ("password", "new_password")}
    if given["new_password"] != request.form.get("again", ""):
        return make_response(_password_page({"again": _("两次写的不一样，请再写一遍")}), 422)
    return _tried(lambda: own_account.change_password(**given), _password_page)


@blp.get("/second-factor")
def factor() -> str:
    """A QR code for the authenticator app, and the secret as text."""
    return _factor_page({})


@blp.post("/second-factor")
def put_factor() -> str | Response:
    """Bind the phone that shows the right code, then show the recovery codes."""
    typed = factors.normalise(request.form.get("code", "")) or ""
    given = {"pending": request.form.get("pending", "")[:1024], "code": typed}
    return _codes_after(
        lambda: own_account.confirm_factor(password=request.form.get("password"), **given), _factor_page
    )


@blp.get("/recovery-codes")
def codes() -> str:
    """Ask for a new set."""
    return _renewal_page({})


@blp.post("/recovery-codes")
def put_codes() -> str | Response:
    """A new set, shown once."""
    return _codes_after(lambda: own_account.renew_codes(request.form.get("password", "")), _renewal_page)


@blp.post("/sessions/<id:session_id>/end")
def end(session_id: int) -> Response:
    """End one of my sessions."""
    own_account.end_session(session_id)
    return _back()


@blp.post("/sessions/end-others")
def end_others() -> Response:
    """End every session but this one."""
    own_account.end_others()
    return _back()


def _tried(act: Callable[[], object], page: Callable[[dict[str, str]], str]) -> Response:
    try:
        act()
    except Problem as problem:
        return _refused(page, problem)
    return _back()


def _codes_after(act: Callable[[], list[str]], page: Callable[[dict[str, str]], str]) -> str | Response:
    try:
        made = act()
    except Problem as problem:
        return _refused(page, problem)
    return console.page("account/codes.html", codes=[f"{one[:5]}-{one[5:]}" for one in made])


def _refused(page: Callable[[dict[str, str]], str], problem: Problem) -> Response:
    """The form again with the sentence beside its field."""
    errors = field_errors(problem) or {"password": say(problem.title)}
    response = make_response(page(errors), problem.status)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _password_page(errors: dict[str, str]) -> str:
    return console.page("account/password.html", errors=errors, stale=console.card().password_stale)


def _factor_page(errors: dict[str, str]) -> str:
    enrolment = _enrolment(request.form.get("pending", "")[:1024])
    spelled = " ".join(enrolment.secret[at : at + 4] for at in range(0, len(enrolment.secret), 4))
    picture = "data:image/svg+xml;base64," + base64.b64encode(qr.svg(enrolment.url).encode()).decode()
    return _form(
        "account/factor.html", errors, secret=spelled, qr=picture, url=enrolment.url, pending=enrolment.pending
    )


def _enrolment(pending: str) -> factors.Enrolment:
    """The secret of the form that came back, so that the phone need not scan twice; else a new one."""
    try:
        return own_account.begin_factor(pending)
    except Problem:
        return own_account.begin_factor()


def _renewal_page(errors: dict[str, str]) -> str:
    return _form("account/renewal.html", errors)


def _form(template: str, errors: dict[str, str], **values: Any) -> str:
    bound = console.card().has_factor
    return console.page(template, errors=errors, bound=bound, key=secrets.token_urlsafe(16), **values)


def _back() -> Response:
    return redirect(with_word(url_for("h5_staff_account.show"), "saved"), 303)
