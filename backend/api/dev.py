"""The demo's windows: what would have been sent, a hand on the clock, WeChat's consent page. Never in production."""

from __future__ import annotations

import secrets
import time
from datetime import datetime
from typing import Any, Protocol, cast
from urllib.parse import parse_qs, urlencode, urlsplit

import urllib3
from flask import Response, redirect, request
from urllib3.exceptions import HTTPError

from backend.accounts import codes
from backend.kernel.errors import Invalid, Unavailable
from backend.kernel.i18n import N_
from backend.schemas.accounts import AuthorizeQuery
from backend.schemas.notifications import ClockSchema, SentListSchema, SentQuery
from backend.web.blueprint import Blueprint
from backend.web.context import runtime

blp = Blueprint("dev", __name__, url_prefix="/dev", description="演示：看发出的消息，拨动时钟")


#: Who this browser is at WeChat's, where the address does not say: each has an identity of its own.
OPENID = "yg_demo_openid"

#: Seconds; without it a script that asks at once would read the code before.
PATIENCE = 3.0


class _Movable(Protocol):
    """The demo's clock."""

    def __call__(self) -> datetime: ...

    def set(self, moment: datetime | None) -> None: ...


@blp.route("/messages", methods=["GET"])
@blp.arguments(SentQuery, location="query")
@blp.response(200, SentListSchema)
def messages(query: dict[str, Any]) -> dict[str, Any]:
    """What would have been sent, newest first; waits a moment for a code that is on its way"""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and _on_its_way():
        time.sleep(0.05)
    return {"items": runtime().sms.sent(**query)}


def _on_its_way() -> bool:
    with runtime().db.reading() as session:
        return codes.undelivered(session)


@blp.route("/clock", methods=["POST"])
@blp.arguments(ClockSchema)
@blp.response(200, ClockSchema)
def clock(body: dict[str, Any]) -> dict[str, Any]:
    """Move the product's clock; null resets it"""
    at = runtime()
    cast(_Movable, at.clock).set(body["now"])
    at.wake("clock")  # the relay does all periodic work at once: for it, time has passed
    return {"now": at.clock()}


@blp.route("/wechat/authorize", methods=["GET"])
@blp.arguments(AuthorizeQuery, location="query")
@blp.response(302)
def authorize(query: dict[str, Any]) -> Response:
    """WeChat's consent page: back at once with a code of the stand-in's and the state; only to our own site"""
    site, back = runtime().settings.base_url, query["redirect_uri"]
    own = back.startswith(f"{site}/") and not back.startswith(f"{site}//")
    if not own or "#" in back or not back.isprintable():
        text = N_("redirect_uri 要是这个网站自己的地址，以 %(site)s/ 开头", site=site)
        raise Invalid("invalid_input", text, errors={"redirect_uri": [text]})
    openid = query["openid"] or request.cookies.get(OPENID) or f"o-demo-{secrets.token_hex(4)}"
    came = {"code": _code(openid, back), "state": query["state"]}
    # The path alone: a demo that is open under another name of this machine stays there.
    answer = redirect(f"{back.removeprefix(site)}{'&' if urlsplit(back).query else '?'}{urlencode(came)}")
    answer.set_cookie(OPENID, openid, max_age=90 * 86400, httponly=True, samesite="Lax")
    return cast(Response, answer)


def _code(openid: str, back: str) -> str:
    """A fresh code for an identity, asked of the stand-in as a browser would; ``Unavailable`` without one."""
    account = runtime().settings.wechat
    query = {
        "appid": account.app_id,
        "redirect_uri": back,
        "response_type": "code",
        "scope": "snsapi_base",
        "openid": openid,
    }
    away = Unavailable("wechat_off", N_("演示的微信没有开，请稍后再试"), retry_after=5)
    if not runtime().wechat.enabled or not account.stands_in:
        raise away
    try:
        address = f"{account.open_url}/connect/oauth2/authorize?{urlencode(query)}"
        answer = urllib3.request("GET", address, redirect=False, retries=False, timeout=3.0)
    except HTTPError as error:
        raise away from error
    found = parse_qs(urlsplit(answer.headers.get("Location", "")).query).get("code")
    if not found:
        raise away
    return found[0]
