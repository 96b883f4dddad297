"""Access tokens: JWT (HS256, 15 minutes), made and checked by Flask-JWT-Extended.

A token says which session it belongs to; whether that session lives is asked in the database. Token times are
the machine's, not the product's movable clock: moving the demo's clock logs nobody out.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, current_app
from flask_jwt_extended import JWTManager, create_access_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt import PyJWTError

from backend.accounts.tokens import Handle, ended
from backend.kernel import ids

LIFE = timedelta(minutes=15)
KINDS = ("resident", "staff")
#: Tokens whose signature this process has checked: what they prove, and until when. Each comes with many requests.
KNOWN = "yangguang_known_tokens"
MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token proves until it expires."""

    sid: int
    kind: str
    account_id: int


def install(app: Flask, key: bytes) -> None:
    app.config.update(
        JWT_SECRET_KEY=key,
        JWT_ALGORITHM="HS256",
        JWT_DECODE_ALGORITHMS=["HS256"],
        JWT_ACCESS_TOKEN_EXPIRES=LIFE,
    )
    JWTManager(app)
    app.extensions[KNOWN] = {}


def access(session: Handle) -> str:
    """The token of one session."""
    return create_access_token(
        identity=ids.encode(session.account_id),
        additional_claims={"sid": ids.encode(session.sid), "kind": session.kind},
    )


def read(token: str) -> Claims:
    """The claims of our own unexpired access token; ``Unauthenticated`` for anything else."""
    known: dict[str, tuple[Claims, float]] = current_app.extensions[KNOWN]
    if token in known and known[token][1] > time.time():
        return known[token][0]
    claims, until = _checked(token)
    if len(known) >= MOST_KNOWN:
        known.clear()
    known[token] = claims, until
    return claims


def _checked(token: str) -> tuple[Claims, float]:
    """Signature, time and shape by the library."""
    try:
        claims = decode_token(token)
        if claims["type"] != "access" or claims["kind"] not in KINDS:
            raise ended()
        return Claims(ids.decode(claims["sid"]), claims["kind"], ids.decode(claims["sub"])), float(claims["exp"])
    except (PyJWTError, JWTExtendedException, KeyError, TypeError, ValueError) as error:
        raise ended() from error
