"""The skin of the tip app: what comes in is forgotten before anyone sees it, what goes out is all of one length.

Both are plain WSGI and stand outside of Flask: no code behind them can log, keep or count what it never gets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

Environ = dict[str, Any]

#: All that the app may know of a request. No address, cookie, browser, referrer, sign-in or forwarded header.
KNOWN: Final = frozenset(
    {
        *("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH"),
        *("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "HTTP_ACCEPT", "HTTP_TIP_TOKEN", "HTTP_TRANSFER_ENCODING"),
        *("wsgi.version", "wsgi.url_scheme", "wsgi.input", "wsgi.input_terminated", "wsgi.errors"),
        *("wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once", "wsgi.file_wrapper"),
    }
)
#: Whether the page was opened inside WeChat: the one thing read from the browser's name, which is then dropped.
IN_WECHAT = "yangguang.in_wechat"
LANGUAGES = ("zh", "en")
#: Answers are padded to steps of so many bytes, status line and header fields included.
STEP = 8192
#: A space ends neither JSON nor HTML nor a style sheet.
_PADDED = ("application/json", "application/problem+json", "text/html")
_BROKEN: Final = ("500 Internal Server Error", [("Content-Type", "text/html"), ("Cache-Control", "no-store")])
_SORRY: Final = '<!doctype html><meta charset="utf-8"><p>系统出了问题，请过一会儿再试，或者打 12345。'.encode()


class Forgetful:
    """Hands on ``KNOWN`` and nothing else."""

    def __init__(self, app: Any, host: str) -> None:
        self._app = app
        self._host = host

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        kept = {name: value for name, value in environ.items() if name in KNOWN}
        kept["HTTP_HOST"] = self._host
        kept["HTTP_ACCEPT_LANGUAGE"] = _language(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        kept[IN_WECHAT] = "MicroMessenger" in environ.get("HTTP_USER_AGENT", "")
        answer: Iterable[bytes] = self._app(kept, start_response)
        return answer


class Padded:
    """Every answer of the app in steps of ``STEP`` bytes: its length does not say what it says.

    What even the app's own words for an error could not catch ends here: the server would write its text into a log.
    """

    def __init__(self, app: Any, report: Callable[[Exception], None]) -> None:
        self._app = app
        self._report = report

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        started: list[Any] = []

        def hold(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
            started[:] = [status, headers]

        try:
            body = _whole(self._app(environ, hold))
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not reach the server's own log
            self._report(error)
            started[:], body = _BROKEN, _SORRY
        status, headers = started
        if environ["REQUEST_METHOD"] != "HEAD" and _is_padded(status, headers):
            body, headers = padded(status, headers, body)
        start_response(status, headers)
        return [body]


def _whole(found: Any) -> bytes:
    try:
        return b"".join(found)
    finally:
        if hasattr(found, "close"):
            found.close()


def padded(status: str, headers: list[tuple[str, str]], body: bytes) -> tuple[bytes, list[tuple[str, str]]]:
    """The body with spaces after it, and header fields that say its length."""
    kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
    head = len(status) + sum(len(name) + len(value) + 4 for name, value in kept) + len("Content-Length") + 4
    whole = -(-(head + 4 + len(body)) // STEP) * STEP
    digits = len(str(whole - head))
    body += b" " * ((whole - head - digits - len(body)) % STEP)
    return body, [*kept, ("Content-Length", str(len(body)))]


def _is_padded(status: str, headers: list[tuple[str, str]]) -> bool:
    if int(status[:3]) in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        return False
    kinds = [value for name, value in headers if name.lower() == "content-type"]
    return bool(kinds) and kinds[0].startswith(_PADDED)


def _language(header: str) -> str:
    """One of two: a longer list would tell one phone from another."""
    wanted = parse_accept_header(header[:200], LanguageAccept)
    return wanted.best_match(LANGUAGES, default="zh") or "zh"
