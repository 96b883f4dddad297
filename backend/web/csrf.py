"""Cross-site request forgery: a signed random value in a cookie must come back in the form or a header.

It is independent of the session, so a form that was open while the session was renewed still posts.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from flask import Response, g, request

from backend.kernel.errors import Forbidden
from backend.kernel.i18n import N_
from backend.web.context import runtime

COOKIE = "yg_csrf"
FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


def token() -> str:
    """The value for a form; made on first use and set as a cookie with the answer."""
    if "csrf" not in g:
        kept = request.cookies.get(COOKIE, "")
        g.csrf = kept if _genuine(kept) else _fresh()
        g.csrf_is_new = g.csrf != kept
    return str(g.csrf)


def check() -> None:
    """``Forbidden`` unless this request carries the value of its own cookie."""
    if request.method in SAFE:
        return
    kept = request.cookies.get(COOKIE, "")
    sent = request.headers.get(HEADER) or (
        request.form.get(FIELD, "") if request.mimetype != "application/json" else ""
    )
    if not (_genuine(kept) and hmac.compare_digest(kept.encode(), sent.encode())):
        raise Forbidden("csrf", N_("这个页面放得太久了，请返回上一页刷新后再提交，已保存的内容都在"))


def keep(response: Response) -> Response:
    """Set the cookie when ``token`` made a new value."""
    if g.get("csrf_is_new"):
        response.set_cookie(COOKIE, g.csrf, max_age=90 * 86400, secure=secure(), httponly=True, samesite="Lax")
    return response


def secure() -> bool:
    """``Secure`` everywhere but on a plain-http loopback or test address."""
    return runtime().settings.base_url.startswith("https://")


def _fresh() -> str:
    value = secrets.token_urlsafe(16)
    return f"{value}.{_sign(value)}"


def _genuine(value: str) -> bool:
    head, _, mac = value.partition(".")
    return bool(head) and hmac.compare_digest(mac.encode(), _sign(head).encode())


def _sign(value: str) -> str:
    key = runtime().settings.secrets.session_key
    return hmac.new(key, f"csrf|{value}".encode(), hashlib.sha256).hexdigest()[:32]
