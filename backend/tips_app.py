"""The app of the tip line: a WSGI app of its own, beside the main one or alone (``tips_wsgi.py``).

It has no session, no cookie, no access log, no metrics, no cache, and no way to the residents' tables.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable
from typing import IO, Any

import flask
from flask import Flask, Request, Response, request
from flask_babel import Babel
from jinja2 import StrictUndefined

import h5.tips
from backend.api import proofs, tips, tips_evidence, tips_guards, tips_mailbox, tips_reward
from backend.documents.spaces import MEMORY
from backend.tips_runtime import TipsRuntime
from backend.web import problems, routing
from backend.web.answers import OrjsonProvider
from backend.web.blueprint import EXTENSION, Api, Blueprint
from backend.web.tips_context import bind
from backend.web.tips_skin import Environ, Forgetful, Padded
from backend.web.words import locale
from config.settings import ROOT

log = logging.getLogger("tips")
PREFIX = "/api/v1"
#: 20 MB of evidence and the form around it.
LARGEST_BODY = 20 * 2**20 + 256 * 2**10
#: Where this app stands when it shares an origin with the main one.
PATHS = ("/tips", "/proofs", f"{PREFIX}/tips", f"{PREFIX}/proofs")
#: Every API blueprint with its guard.
API: tuple[tuple[flask.Blueprint, Callable[[], None]], ...] = (
    (tips.blp, tips_guards.stranger),
    (proofs.blp, tips_guards.stranger),
    (tips_mailbox.blp, tips_guards.bearer),
    (tips_evidence.blp, tips_guards.bearer),
    (tips_reward.blp, tips_guards.bearer),
    (tips_reward.open_to_all, tips_guards.stranger),
)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; worker-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Clear-Site-Data": '"cache", "storage"',
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}


class InMemory(Request):
    """Uploads stay in memory: Werkzeug's own way writes large ones to a disk in the clear."""

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        return MEMORY.file()


class Discreet(logging.Filter):
    """What breaks while an error is being answered Flask would log itself, with address, text and values."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            record.msg, record.args, record.exc_info = told(record.exc_info[1]), (), None
        return True


log.addFilter(Discreet())
# Nobody else's handler, so nobody's format either: the bare line goes to standard error, without a time.
log.propagate = False


class TipsFlask(Flask):
    request_class = InMemory
    logger = log  # Flask's own would bring a handler that writes the second


def create_tips_app(at: TipsRuntime) -> Flask:
    """The app of one process."""
    app = TipsFlask("tips", static_folder=None, template_folder=str(ROOT / "h5" / "templates"))
    app.json = OrjsonProvider(app)
    app.jinja_env.undefined = StrictUndefined
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=2 * 2**20,
        MAX_FORM_PARTS=60,  # each file of a form is a descriptor
        API_TITLE="阳光办 Yangguang: tips",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=None,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "h5" / "translations"),
        BABEL_DEFAULT_LOCALE="zh_Hans_CN",
    )
    Babel(app, locale_selector=locale)  # type: ignore[no-untyped-call]
    bind(app, at)
    routing.install(app)
    app.before_request(tips_guards.not_too_long)
    app.before_request(tips_guards.nothing_in_the_address)
    app.after_request(_headers)
    problems.install(app, h5.tips.problem, report=report)
    _register(app)
    app.wsgi_app = Forgetful(Padded(app.wsgi_app, report), at.line.host)  # type: ignore[method-assign]
    return app


def report(error: Exception) -> None:
    """Tell the log of a bug, with no text, no values, no address, no time."""
    log.error(told(error))


def told(error: BaseException) -> str:
    """Kind and places of an error."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at {' < '.join(f'{one.name}:{one.lineno}' for one in reversed(frames))}"


def _register(app: Flask) -> None:
    known: dict[str, str] = {}
    app.extensions["yangguang_guards"] = known
    api = Api(app)
    app.extensions[EXTENSION] = api
    pages = tuple((page, tips_guards.stranger) for page in h5.tips.PAGES)
    for blueprint, guard in API + pages:
        known[blueprint.name] = guard.__name__
        app.before_request_funcs.setdefault(blueprint.name, []).append(guard)
        _mount(app, api, blueprint)


def _mount(app: Flask, api: Api, blueprint: flask.Blueprint) -> None:
    if isinstance(blueprint, Blueprint):
        api.register_blueprint(blueprint, url_prefix=PREFIX + (blueprint.url_prefix or ""))  # type: ignore[no-untyped-call]
    else:
        app.register_blueprint(blueprint)


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


class Beside:
    """The main app with the tip line beside it: by path on one origin, by name on two."""

    def __init__(self, main: Any, tips_app: Any, at: TipsRuntime) -> None:
        self._main, self._tips = main, tips_app
        self._host = "" if at.line.shared_origin else at.line.host
        self._origin = at.line.origin

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        ours = any(path == one or path.startswith(f"{one}/") for one in PATHS)
        if self._host and environ.get("HTTP_HOST") != self._host and ours:
            return self._elsewhere(path, start_response)
        here = ours if not self._host else environ.get("HTTP_HOST") == self._host
        answer: Iterable[bytes] = (self._tips if here else self._main)(environ, start_response)
        return answer

    def _elsewhere(self, path: str, start_response: Any) -> Iterable[bytes]:
        """The tip line has an origin of its own: pages lead there without a word about where one came from."""
        page = path if path.startswith("/tips") and path.isascii() and path.isprintable() else "/tips/new"
        start_response(
            "303 See Other",
            [("Location", f"{self._origin}{page}"), ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store")],
        )
        return [b""]
