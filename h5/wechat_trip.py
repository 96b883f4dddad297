"""One round trip to WeChat's consent page and back, held to this browser by a sealed cookie.

Whoever comes back without the state that this very browser was sent off with is nobody: a link with somebody else's
code signs nobody in and binds nothing. What waits to be bound while its owner signs in by phone stays in a cookie too,
10 minutes at most.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from flask import Response, after_this_request, request, url_for

from backend.accounts import wechat
from backend.kernel.crypto import Unreadable
from backend.web import csrf
from backend.web.context import runtime
from h5.paths import own_path

#: To sign in; to bind to the account that is signed in.
ENTER, BIND = "enter", "bind"
LIFE = timedelta(minutes=10)
TRIP, WAITING, OFF = "yg_wechat", "yg_wechat_waiting", "yg_wechat_off"
#: A cookie must stay below 4 kB.
LONGEST_PATH = 1500
_PLACE = "h5|wechat|0"


@dataclass(frozen=True, slots=True)
class Trip:
    """``state``: what WeChat brings back; ``path``: where the person goes on; ``account``: who is signed in, or 0."""

    state: str
    purpose: str
    path: str
    account: int = 0


def inside() -> bool:
    """Whether this page is open in WeChat (and not in its sister for companies, where the account is unknown)."""
    agent = request.headers.get("User-Agent", "")
    return "MicroMessenger" in agent and "wxwork" not in agent.lower()


def stands_in() -> bool:
    """Whether a stand-in plays WeChat: then any browser may go through its consent page."""
    at = runtime()
    return at.wechat.enabled and at.settings.is_demo and at.settings.wechat.stands_in


def begin(purpose: str, path: str, account: int = 0) -> str:
    """The address of the consent page. A second tab on the same way is sent off with the first one's state."""
    path = path if len(path) <= LONGEST_PATH else "/"
    trip = _kept()
    if trip is None or (trip.purpose, trip.path, trip.account) != (purpose, path, account):
        trip = Trip(secrets.token_hex(16), purpose, path, account)
    until = (runtime().clock() + LIFE).timestamp()
    content = json.dumps([trip.state, purpose, path, account, until]).encode()
    _keep(TRIP, runtime().vault.seal(content, _PLACE))
    back = runtime().settings.base_url + url_for("h5_wechat.come_back")
    if stands_in():
        return f"/dev/wechat/authorize?{urlencode({'redirect_uri': back, 'state': trip.state})}"
    return runtime().wechat.authorize_url(back, trip.state)


def end(state: str) -> Trip | None:
    """The trip that this browser comes back from, once; ``None`` for a state it was not sent off with."""
    trip = _kept()
    if trip is None or not hmac.compare_digest(trip.state.encode(), state.encode()):
        return None
    forget(TRIP)
    return trip


def wait(openid: str) -> None:
    """Keep an identity without an account for the sign-in that follows."""
    at = runtime()
    _keep(WAITING, wechat.waiting(at.vault, openid=openid, now=at.clock()))


def waiting() -> str:
    """The word of the identity that waits in this browser, or nothing."""
    at, word = runtime(), request.cookies.get(WAITING, "")
    return word if wechat.waits(at.vault, word=word, now=at.clock()) else ""


def rest() -> None:
    """Whoever signed out is not signed in again behind their back, until they ask for it or close WeChat."""
    _keep(OFF, "1", seconds=None)


def silent() -> bool:
    """Whether a page that needs a sign-in may ask WeChat who it is, without a word and only once."""
    return runtime().wechat.enabled and inside() and "by" not in request.args and OFF not in request.cookies


def forget(*names: str) -> None:
    """Delete these cookies with the answer, where the browser has them."""

    @after_this_request
    def without(response: Response) -> Response:
        for name in set(names) & set(request.cookies):
            response.delete_cookie(name, secure=csrf.secure(), httponly=True, samesite="Lax")
        return response


def _keep(name: str, value: str, *, seconds: float | None = LIFE.total_seconds()) -> None:
    @after_this_request
    def with_cookie(response: Response) -> Response:
        age = None if seconds is None else int(seconds)
        response.set_cookie(name, value, max_age=age, secure=csrf.secure(), httponly=True, samesite="Lax")
        return response


def _kept() -> Trip | None:
    at = runtime()
    try:
        content = at.vault.open(request.cookies.get(TRIP, "").ljust(1), _PLACE)
        state, purpose, path, account, until = json.loads(content)
    except (Unreadable, ValueError, IndexError):
        return None
    return Trip(state, purpose, own_path(path), account) if at.clock().timestamp() < until else None
