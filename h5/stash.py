"""A form posted after the session ended: its answers travel in an encrypted hidden field and are posted again.

The server keeps nothing. Only this site can make a stash, so it can hold nothing but what was posted here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

from flask import request

from backend.kernel.crypto import Unreadable
from backend.web.context import runtime
from backend.web.csrf import FIELD as CSRF
from h5.paths import own_path

FIELD = "stash"
PLACE = "h5|stash|0"
LIFE = timedelta(hours=2)
LARGEST = 60_000


@dataclass(frozen=True, slots=True)
class Stash:
    """``fields``: (name, value) as posted, in order; ``had_files``: they have to be chosen again."""

    path: str
    fields: list[tuple[str, str]]
    had_files: bool


def pack() -> str:
    """The posted form of this request, sealed; empty when there is nothing worth keeping."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in (CSRF, FIELD)]
    until = (runtime().clock() + LIFE).timestamp()
    content = json.dumps([request.full_path.rstrip("?"), fields, bool(request.files), until]).encode()
    if not fields or len(content) > LARGEST:
        return ""
    return runtime().vault.seal(content, PLACE)


def unpack(sealed: str) -> Stash | None:
    """What was posted; ``None`` for nothing, for a forged one and after two hours."""
    if not sealed or len(sealed) > 2 * LARGEST:
        return None
    try:
        path, fields, had_files, until = json.loads(runtime().vault.open(sealed, PLACE))
    except (Unreadable, ValueError, IndexError):
        return None
    if until < runtime().clock().timestamp():
        return None
    return Stash(own_path(path), [(name, value) for name, value in fields], had_files)
