"""Guides answered before the framework wakes up: the app's own answer, kept and replayed byte for byte.

A guide is the most read thing of all and the same for everyone. The first request of a kind goes through
the whole app, guard and headers included; what it answered is replayed to the next ones with the same
path, language and entity tag, until something is published (the shelf is then another object).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from backend.catalogue import stored
from backend.runtime import Runtime

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]

_PATH = re.compile(r"/api/v1/service-items/[a-z0-9-]{1,64}", re.ASCII)
#: Distinct combinations kept; a flood of invented headers empties the store, it never grows beyond.
MOST = 512
LONGEST_HEADER = 200


class StoredGuides:
    """The outermost WSGI layer of one app."""

    def __init__(self, app: Wsgi, runtime: Runtime) -> None:
        self.app = app
        self.db = runtime.db
        self._shelf: object = None
        self._kept: dict[tuple[str, ...], tuple[str, list[tuple[str, str]], bytes]] = {}

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = _key(environ)
        shelf = stored.fresh(self.db) if key else None
        if key is None or shelf is None:
            return self.app(environ, start_response)
        if shelf is not self._shelf:
            self._shelf, self._kept = shelf, {}
        kept = self._kept.get(key)
        if kept is None:
            return self._first(key, environ, start_response)
        status, headers, body = kept
        start_response(status, list(headers))
        return [body]

    def _first(self, key: tuple[str, ...], environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Ask the app, and keep what it says when it may be said to anyone."""
        kept = self._kept
        told: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            told.append((status, headers))
            return start_response(status, headers, *rest)

        answer = self.app(environ, start)
        try:
            body = b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()
        status, headers = told[-1]
        if status[:3] in ("200", "304") and not any(name.lower() == "set-cookie" for name, _ in headers):
            if len(kept) >= MOST:
                kept.clear()
            kept[key] = (status, list(headers), body)
        return [body]


def _key(environ: Environ) -> tuple[str, ...] | None:
    """What the answer depends on; ``None`` for every other request."""
    if environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING") or environ.get("CONTENT_LENGTH"):
        return None
    path = environ.get("PATH_INFO", "")
    if not _PATH.fullmatch(path):
        return None
    language, tag = environ.get("HTTP_ACCEPT_LANGUAGE", ""), environ.get("HTTP_IF_NONE_MATCH", "")
    if len(language) > LONGEST_HEADER or len(tag) > LONGEST_HEADER:
        return None
    return path, language, tag, environ["wsgi.url_scheme"], environ.get("HTTP_X_FORWARDED_PROTO", "")
