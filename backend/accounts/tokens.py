"""Tokens of a session, pure: a signed access token (15 min) and a refresh token that needs no stored hash.

Their time is the machine's, not the product's movable clock: moving the demo's clock logs nobody out.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt

from backend.kernel import ids
from backend.kernel.errors import Unauthenticated
from backend.kernel.i18n import N_

ACCESS_LIFE = timedelta(minutes=15)
REFRESH_LIFE = timedelta(days=30)
ALGORITHM = "HS256"
_CLAIMS = ["sub", "sid", "kind", "typ", "iat", "exp"]
_GENERATION = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Handle:
    """What a token says: which session, of which kind (resident, staff), of whom, in which generation."""

    sid: int
    kind: str
    account_id: int
    generation: int


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token proves until it expires; whether its session lives is asked in the database."""

    sid: int
    kind: str
    account_id: int


def make_access(key: bytes, session: Handle, now: datetime) -> str:
    """A JWT (HS256) good for 15 minutes from ``now`` (system time)."""
    claims = {
        "sub": ids.encode(session.account_id),
        "sid": ids.encode(session.sid),
        "kind": session.kind,
        "typ": "access",
        "iat": now,
        "exp": now + ACCESS_LIFE,
        "jti": secrets.token_urlsafe(6),
    }
    return jwt.encode(claims, key, algorithm=ALGORITHM)


def read_access(key: bytes, token: str) -> Claims:
    """The claims of our own unexpired access token; ``Unauthenticated`` for anything else."""
    try:
        claims = jwt.decode(token, key, algorithms=[ALGORITHM], options={"require": _CLAIMS})
        if claims["typ"] != "access" or claims["kind"] not in ("resident", "staff"):
            raise ended()
        return Claims(ids.decode(claims["sid"]), claims["kind"], ids.decode(claims["sub"]))
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise ended() from error


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
    # "|" never occurs in what HS256 signs, so neither token can stand in for the other.
    return hmac.new(key, f"refresh|{sid}|{generation}".encode(), hashlib.sha256).hexdigest()[:43]
