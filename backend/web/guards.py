"""Who may come in. Each blueprint stands beside its guard in backend/app.py; a test finds any without one.

A guard runs before the body is read. Bearer for API clients; cookies for pages, there with CSRF.
The access token is checked by signature, then its session in the database, in one statement:
revocation survives the loss of Redis.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from flask import g, redirect, request
from werkzeug.wrappers import Response

from backend.accounts import door, queries
from backend.accounts.queries import SessionCard
from backend.kernel.errors import Forbidden, Unauthenticated
from backend.kernel.i18n import N_
from backend.web import csrf, sessions, tokens
from backend.web.context import runtime
from backend.web.limits import check_calls


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: ``card`` is the live session with its account."""

    kind: str
    id: int
    session_id: int
    card: SessionCard | None


#: Where staff look after their own account.
ACCOUNT = "/staff/account"

NOBODY = Caller("anyone", 0, 0, None)


def caller() -> Caller:
    """Who asks; nobody on pages and endpoints that are open to anyone."""
    found = g.get("caller", NOBODY)
    return found if isinstance(found, Caller) else NOBODY


def anyone() -> None:
    """API, open to all: a session is neither asked for nor looked at."""


def resident() -> None:
    """API of a signed-in resident."""
    _require("resident")


def staff() -> None:
    """API of signed-in staff."""
    _require("staff")


def reviewer() -> None:
    """API of staff who review cases."""
    _require("staff")
    _require_role("reviewer")


def counter() -> None:
    """API of staff who meet people at a counter: reviewers and station nurses."""
    _require("staff")
    _require_role("reviewer", "nurse")


def nurse() -> None:
    """API of the nurses of the stations."""
    _require("staff")
    _require_role("nurse")


def investigator() -> None:
    """API of investigators of tips."""
    _require("staff")
    _require_role("investigator")


def account() -> None:
    """API of staff about their own account: open before the password is changed or a second factor bound."""
    _require("staff", even_unready=True)


def administrator() -> None:
    """API of administrators."""
    _require("staff")
    _require_role("admin")


def page() -> None:
    """A page open to all; a resident who is signed in is known."""
    csrf.check()
    g.caller = _from_cookies("resident") or NOBODY


def resident_page() -> Response | None:
    """A page of a signed-in resident: others are asked to sign in and come back."""
    csrf.check()
    return _or_sign_in("resident", "/login")


def staff_page() -> Response | None:
    """A page of the staff console."""
    csrf.check()
    return _or_sign_in("staff", "/staff/login")


def nurse_page() -> Response | None:
    """A page of the console for the nurses of the stations only."""
    csrf.check()
    away = _or_sign_in("staff", "/staff/login")
    if away is None:
        _require_role("nurse")
    return away


def investigator_page() -> Response | None:
    """A page of the console for investigators of tips only."""
    csrf.check()
    away = _or_sign_in("staff", "/staff/login")
    if away is None:
        _require_role("investigator")
    return away


def account_page() -> Response | None:
    """A page of the console about one's own account: the only ones open to an account that is not ready."""
    csrf.check()
    return _or_sign_in("staff", "/staff/login", even_unready=True)


def admin_page() -> Response | None:
    """A page of the administration: administrators only."""
    csrf.check()
    away = _or_sign_in("staff", "/staff/login")
    if away is None:
        _require_role("admin")
    return away


def staff_entrance() -> None:
    """The console's own way in: open to all, CSRF checked."""
    csrf.check()


GUARDS = (
    *(anyone, resident, staff, reviewer, counter, nurse, investigator, account, administrator),
    *(page, resident_page, staff_page, nurse_page, investigator_page, account_page, admin_page, staff_entrance),
)


def unready() -> Forbidden | None:
    """Why this member of staff may reach nothing but the own account; ``None`` when all is open.

    Outside the demo nobody works without a second factor; a password that somebody else set is changed first.
    """
    card = caller().card
    if card is None or card.staff is None:
        return None
    if card.staff.password_stale:
        return Forbidden("password_change_required", N_("请先换成自己的密码，再做别的"))
    if not card.staff.has_factor and not runtime().settings.is_demo:
        return Forbidden("otp_enrolment_required", N_("请先在“我的账号”里绑定动态口令，再做别的"))
    return None


def _require(kind: str, *, even_unready: bool = False) -> None:
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _, token = header.partition(" ")
        found = _live(kind, token.strip()) if scheme.lower() == "bearer" else None
    else:
        found = _from_cookies(kind)
        if found is not None:
            csrf.check()
    if found is None:
        raise Unauthenticated("unauthenticated", N_("请先登录"))
    g.caller = found
    check_calls(kind, found.id)
    if not even_unready:
        _check_ready()


def _check_ready() -> None:
    refusal = unready()
    if refusal is not None:
        raise refusal


def _require_role(*roles: str) -> None:
    card = caller().card
    if card is None or card.staff is None or card.staff.role not in roles:
        raise Forbidden("forbidden", N_("您的岗位不能做这件事"))


def _or_sign_in(kind: str, login: str, *, even_unready: bool = False) -> Response | None:
    found = _from_cookies(kind)
    if found is None:
        if request.method == "GET":
            return redirect(f"{login}?next={quote(request.full_path.rstrip('?'))}", 303)
        raise Unauthenticated("unauthenticated", N_("登录已过期，请重新登录，已填的内容都在"))
    g.caller = found
    check_calls(kind, found.id)
    return None if even_unready else _own_account_first()


def _own_account_first() -> Response | None:
    """Whoever is not ready is led to the own account; a posted form is refused in words."""
    refusal = unready()
    if refusal is not None and request.method == "GET":
        return redirect(ACCOUNT, 303)
    if refusal is not None:
        raise refusal
    return None


def _from_cookies(kind: str) -> Caller | None:
    pair = sessions.from_cookies(kind)
    if pair is None:
        return None
    found = _live(kind, pair.access) if pair.access else None
    if found is not None or not pair.refresh:
        return found
    return _renewed(kind, pair.refresh)


def _renewed(kind: str, refresh: str) -> Caller | None:
    """A fresh pair for an expired access cookie; two tabs at once get the same successor."""
    at = runtime()
    try:
        pair = door.refresh(at.db, key=at.settings.secrets.session_key, token=refresh, kind=kind, grace=True)
    except Unauthenticated:
        sessions.forget(kind)
        return None
    renewed = sessions.fresh(kind, pair.session, pair.refresh)
    sessions.remember(renewed)
    return _live(kind, renewed.access)


def _live(kind: str, token: str) -> Caller | None:
    at = runtime()
    try:
        claims = tokens.read(token)
    except Unauthenticated:
        return None
    if claims.kind != kind:
        return None
    with at.db.reading() as session:
        card = queries.live_session(session, sid=claims.sid, kind=kind)
    return Caller(kind, card.account_id, claims.sid, card) if card else None
