"""Objecting to a notice, from a page or through the API; whoever does it is not looked at."""

from __future__ import annotations

import secrets

from backend.applications import objections
from backend.applications.objections import Words
from backend.web.context import runtime
from backend.web.once import checked, given


def make(notice_id: int, words: Words) -> str:
    """The code under which the answer can be read; the same for a repeated ``Idempotency-Key``.

    Not through ``web.once``: a stored key would tell the moment, and for a signed-in caller the account.
    """
    at = runtime()
    key = checked(given() or secrets.token_urlsafe(16))
    code: str = at.db.transact_once(
        objections.make, vault=at.vault, notice_id=notice_id, words=words, key=key, now=at.clock()
    )
    at.wake()
    return code
