"""Signing in to the console with a password and, where the account has one, a code from an app; signing out."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from backend.accounts import door, sessions as live
from backend.accounts.staff import StaffSignedIn
from backend.kernel.clock import system_clock
from backend.kernel.errors import Problem
from backend.schemas.accounts import StaffSignInSchema
from backend.web import investigators, sessions
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.words import say
from h5 import stash
from h5.paths import own_path

blp = Blueprint("h5_staff_door", __name__, url_prefix="/staff")
leaving = Blueprint("h5_staff_leaving", __name__, url_prefix="/staff")
HOME = "/staff"
#: Of the app, with a space in the middle; a recovery code is longer.
LONGEST_CODE = 7


@blp.get("/login")
def login() -> str:
    """Ask for name and password."""
    return ask(own_path(request.args.get("next"), HOME))


@blp.post("/login")
def enter() -> str | Response:
    """Look at both; then on to where the clerk was, or to the form that waits."""
    back = own_path(request.form.get("next"), HOME)
    try:
        signed = _sign_in()
    except ValidationError:
        return make_response(ask(back, error=_("请填账号和密码；动态口令是 6 位数字，或者一个恢复码")), 422)
    except Problem as problem:
        return _refused(back, problem)
    sessions.remember(sessions.fresh("staff", signed.session, signed.refresh))
    kept = stash.unpack(request.form.get(stash.FIELD, ""))
    if kept is not None:
        return render_template("session/replay.html", kept=kept)
    return redirect(back, 303)


@leaving.post("/logout")
def leave() -> Response:
    """End this session here and on the server; whoever could read tips no longer can."""
    runtime().db.transact(live.revoke, sid=caller().session_id, at=system_clock())
    sessions.forget("staff")
    response = redirect(url_for("h5_staff_door.login", left=1), 303)
    investigators.leave()
    investigators.forget(response)
    return response


def ask(back: str, *, kept: str | None = None, error: str | None = None, code: bool = False) -> str:
    """The form; ``kept``: sealed words of a form that waits; ``code``: this account has a second factor."""
    waiting = request.form.get(stash.FIELD, "") if kept is None else kept
    return render_template(
        "staff/login.html",
        next=back,
        stash=waiting,
        username=request.form.get("username", "")[:64] if kept is None else "",
        error=error,
        # Outside the demo every account must have one, so that it is asked at once.
        code=code or not runtime().settings.is_demo or bool(request.form.get("otp")),
        left="left" in request.args,
        recovery="recovery" in request.args or len(request.form.get("otp", "")) > LONGEST_CODE,
    )


def _sign_in() -> StaffSignedIn:
    # What was left empty is missing: an empty password must not count as a wrong one.
    given = {name: request.form[name] for name in ("username", "password", "otp") if request.form.get(name)}
    typed = StaffSignInSchema().load(given)
    at = runtime()
    return door.sign_in_staff(
        at.db,
        at.vault,
        key=at.settings.secrets.session_key,
        address=request.remote_addr or "",
        require_otp=False,  # whoever has none comes in as far as binding one (guards.unready)
        now=at.clock(),
        **typed,
    )


def _refused(back: str, problem: Problem) -> Response:
    """The sentence of the refusal; a right password without its code only asks for the code."""
    wanted = problem.code == "otp_required"
    words = _("还要动态口令：请再填一次密码，和手机应用里的 6 位数字") if wanted else say(problem.title)
    if problem.code == "wrong_password":
        words += _("。连续错 5 次会锁 15 分钟")
    response = make_response(ask(back, error=words, code=wanted), problem.status)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response
