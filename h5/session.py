"""Signing in with a code from a text message, and signing out."""

from __future__ import annotations

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts import codes, door, sessions as live
from backend.accounts.policy import CodeLimits
from backend.kernel.clock import system_clock
from backend.kernel.errors import Problem, Wrong
from backend.kernel.privacy import check_mobile, mask_mobile
from backend.kernel.text import ascii_digits
from backend.web import sessions
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.words import say
from h5 import stash, wechat_trip as trips
from h5.paths import own_path, with_word

blp = Blueprint("h5_session", __name__)


@blp.get("/login")
def login() -> str | Response:
    """Ask for the mobile number."""
    back = own_path(request.args.get("next"))
    if caller().kind == "resident":
        return redirect(back, 303)
    if trips.silent():
        return redirect(url_for("h5_wechat.enter", next=back), 303)
    return _ask(back)


@blp.post("/login/code")
def send_code() -> str | Response:
    """Send a code to the number and ask for it."""
    back, typed = own_path(request.form.get("next")), request.form.get("mobile", "")
    try:
        mobile = check_mobile(typed)
    except Wrong as wrong:
        return make_response(_ask(back, typed[:20], say(wrong.text)), 422)
    at, limits = runtime(), runtime().settings.limits
    try:
        at.db.transact(
            codes.request,
            at.vault,
            mobile=mobile,
            address=request.remote_addr or "",
            limits=CodeLimits(limits.sms_codes_per_mobile_hour, limits.sms_codes_per_address_10_min),
            now=at.clock(),
        )
    except Problem as problem:
        return _refused(_ask(back, mobile, say(problem.title)), problem)
    at.wake(codes.TOPIC)
    return _ask_code(back, mobile)


@blp.post("/login")
def enter() -> str | Response:
    """Look at the code; then on to where the person was, or to the form that waits."""
    back, at = own_path(request.form.get("next")), runtime()
    try:
        mobile = check_mobile(request.form.get("mobile", ""))
        code = ascii_digits(request.form.get("code", "")[:12])
    except Wrong as wrong:
        return make_response(_ask(back, "", say(wrong.text)), 422)
    word = trips.waiting() if request.form.get("wechat") else None
    try:
        signed = door.sign_in(
            at.db,
            at.vault,
            key=at.settings.secrets.session_key,
            mobile=mobile,
            code=code,
            now=at.clock(),
            wechat_word=word,
        )
    except Problem as problem:
        return _refused(_ask_code(back, mobile, say(problem.title)), problem)
    sessions.remember(sessions.fresh("resident", signed.session, signed.refresh))
    trips.forget(trips.WAITING, trips.OFF)
    if signed.wechat_bound:
        back = with_word(back, "wechat_bound")
    kept = stash.unpack(request.form.get(stash.FIELD, ""))
    if kept is not None:
        return render_template("session/replay.html", kept=kept)
    return redirect(back, 303)


@blp.post("/logout")
def leave() -> Response:
    """End this session here and on the server."""
    who = caller()
    if who.kind == "resident":
        runtime().db.transact(live.revoke, sid=who.session_id, at=system_clock())
    sessions.forget("resident")
    g.pop("caller", None)
    if trips.inside():
        trips.rest()
    return redirect(with_word(url_for("h5_home.show"), "signed_out"), 303)


def _ask(back: str, mobile: str = "", error: str | None = None) -> str:
    kept = request.form.get(stash.FIELD, "")
    return render_template("session/login.html", next=back, stash=kept, mobile=mobile, error=error, expired=bool(kept))


def _ask_code(back: str, mobile: str, error: str | None = None) -> str:
    return render_template(
        "session/code.html",
        next=back,
        stash=request.form.get(stash.FIELD, ""),
        mobile=mobile,
        masked=mask_mobile(mobile),
        error=error,
    )


def _refused(page: str, problem: Problem) -> Response:
    response = make_response(page, problem.status)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response
