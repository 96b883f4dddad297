"""Stored files on their way out: never guessed, never run, never framed."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from flask import Response

#: A file gets no rights at all, whatever is in it.
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def download(content: Iterable[bytes] | bytes, *, mime: str, name: str, inline: bool = False) -> Response:
    """A file with its name (RFC 6266); ``inline`` only for our own pictures inside our own pages."""
    response = Response(content, mimetype=mime)
    kind = "inline" if inline else "attachment"
    response.headers["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Security-Policy"] = SANDBOX
    return response
