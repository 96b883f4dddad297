"""Refresh tokens, pure: they need no stored hash, because each follows from the session and its generation.

Their time is the machine's, not the product's movable clock: moving the demo's clock logs nobody out.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import timedelta

from backend.kernel import ids
from backend.kernel.errors import Unauthenticated
from backend.kernel.i18n import N_

REFRESH_LIFE = timedelta(days=30)
_GENERATION = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Handle:
    """What the tokens of a session say: which session, of which kind (resident, staff), whose, which generation."""

    sid: int
    kind: str
    account_id: int
    generation: int


def make_refresh(key: bytes, session: Handle) -> str:
    """``<session>.<generation>.<mac>``: the same for the same generation, so two tabs get one successor."""
    sid = ids.encode(session.sid)
    return f"{sid}.{session.generation}.{_mac(key, sid, session.generation)}"


def read_refresh(key: bytes, token: str) -> tuple[int, int]:
    """Session id and generation of our own refresh token; ``Unauthenticated`` for anything else."""
    sid, _, rest = token.partition(".")
    generation, _, mac = rest.partition(".")
    if not _GENERATION.fullmatch(generation) or not ids.PATTERN.fullmatch(sid):
        raise ended()
    if not hmac.compare_digest(mac.encode("utf-8", "surrogatepass"), _mac(key, sid, int(generation)).encode()):
        raise ended()
    return ids.decode(sid), int(generation)


def ended() -> Unauthenticated:
    """One refusal for every token that is not (or no longer) good."""
    return Unauthenticated("session_ended", N_("登录已过期，请重新登录，已填的内容都在"))


def _mac(key: bytes, sid: str, generation: int) -> str:
    # "|" never occurs in what HS256 signs: an access token, made with the same key, cannot stand in for this one.
    return hmac.new(key, f"refresh|{sid}|{generation}".encode(), hashlib.sha256).hexdigest()[:43]
