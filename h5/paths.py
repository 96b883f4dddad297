"""Addresses inside this site: where a person was, and where they may be sent back to."""

from __future__ import annotations

import re
from urllib.parse import urlencode, urlsplit

from flask import current_app, request

_UNSAFE = re.compile(r"[\x00-\x20\\\x7f-\x9f]")
#: Parameters of the display, not of the page.
_PASSING = ("lang", "said")


def own_path(value: str | None, otherwise: str = "/") -> str:
    """``value`` when it is a path of ours, else ``otherwise``: no other host, however it is written."""
    if not value or len(value) > 2000 or not value.startswith("/") or value.startswith("//") or _UNSAFE.search(value):
        return otherwise
    parts = urlsplit(value)
    return otherwise if parts.scheme or parts.netloc else value


def here() -> str:
    """The page a person looks at, without what only changes its display.

    A posted form's page is its path, or the nearest one above it that can be looked at again.
    """
    if request.method != "GET":
        return _above(request.path)
    kept = [(key, value) for key, value in request.args.items(multi=True) if key not in _PASSING]
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def _above(path: str) -> str:
    pages = current_app.create_url_adapter(request)
    while path and pages is not None and not pages.test(path, "GET"):
        path = path.rpartition("/")[0]
    return path or "/"


def with_word(path: str, said: str) -> str:
    """The address with the word for what just happened (``shell`` turns it into a sentence)."""
    return f"{path}{'&' if '?' in path else '?'}said={said}"
