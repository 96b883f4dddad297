"""Headers of every answer: nothing inline, nothing framed, nothing guessed, nothing kept by caches in between."""

from __future__ import annotations

from flask import Flask, Response, request

from backend.kernel.errors import Problem
from backend.kernel.i18n import N_
from backend.web import csrf, sessions

CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LONGEST_QUERY = 8 * 1024
FIXED = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}


class UriTooLong(Problem):
    status = 414


def install(app: Flask) -> None:
    app.before_request(_short_query)
    app.after_request(csrf.keep)
    app.after_request(sessions.keep)
    app.after_request(_headers)


def _short_query() -> None:
    if len(request.query_string) > LONGEST_QUERY:
        raise UriTooLong("uri_too_long", N_("网址太长"))


def _headers(response: Response) -> Response:
    for name, value in FIXED.items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
