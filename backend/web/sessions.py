"""Sessions in cookies for the pages: HttpOnly, SameSite, renewed without the person noticing."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Response, g, request

from backend.accounts.tokens import Handle
from backend.web import tokens
from backend.web.csrf import secure

REFRESH_AGE = 30 * 86400


@dataclass(frozen=True, slots=True)
class Pair:
    """An access and a refresh token of one kind of account (resident, staff)."""

    kind: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)


def names(kind: str) -> tuple[str, str]:
    """The cookies of a kind: a clerk may also be a resident in the same browser."""
    return f"yg_{kind}", f"yg_{kind}_refresh"


def fresh(kind: str, session: Handle, refresh: str) -> Pair:
    """The pair of a session that was just opened or renewed."""
    return Pair(kind, tokens.access(session), refresh)


def from_cookies(kind: str) -> Pair | None:
    access, refresh = (request.cookies.get(name, "") for name in names(kind))
    return Pair(kind, access, refresh) if access or refresh else None


def remember(pair: Pair) -> None:
    """Set these tokens as cookies with the answer to this request."""
    g.setdefault("session_cookies", []).append(pair)


def forget(kind: str) -> None:
    """Delete the cookies of a kind with the answer to this request."""
    remember(Pair(kind, "", ""))


def keep(response: Response) -> Response:
    for pair in g.get("session_cookies", []):
        for name, value in zip(names(pair.kind), (pair.access, pair.refresh), strict=True):
            if value:
                response.set_cookie(name, value, max_age=REFRESH_AGE, secure=secure(), httponly=True, samesite="Lax")
            else:
                response.delete_cookie(name, secure=secure(), httponly=True, samesite="Lax")
    return response
