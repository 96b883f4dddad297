"""Addresses inside this site: where a person was, and where they may be sent back to."""

from __future__ import annotations

import re
from urllib.parse import urlencode, urlsplit

from flask import request

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
    """The page a person looks at, without what only changes its display; a posted form's page is its path."""
    if request.method != "GET":
        return request.path
    kept = [(key, value) for key, value in request.args.items(multi=True) if key not in _PASSING]
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def with_word(path: str, said: str) -> str:
    """The address with the word for what just happened (``shell`` turns it into a sentence)."""
    return f"{path}{'&' if '?' in path else '?'}said={said}"
