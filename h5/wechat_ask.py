"""Asking to be allowed one more message in WeChat, on the screens where a person wants to hear how it goes on.

WeChat lets us send one subscription message per permission, and only its own button can ask. The button comes with
WeChat's script, which is loaded on a page that asks, inside WeChat, and nowhere else. Without it nothing is lost:
messages go by text message and are always in the inbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request, url_for

from backend.web import wechat as shown
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.headers import CSP
from h5 import wechat_trip as trips
from h5.paths import here

blp = Blueprint("h5_wechat_ask", __name__)

SDK = "https://res.wx.qq.com"
SCRIPT = f"{SDK}/open/js/jweixin-1.6.0.js"
#: WeChat's button stands in a frame of its own (developers.weixin.qq.com, 开放标签, 常见问题).
WITH_SDK = CSP.replace("script-src 'self'", f"script-src 'self' {SDK}") + "; frame-src https://*.qq.com webcompt:"
#: Templates that one press can allow.
MOST = 3


@dataclass(frozen=True, slots=True)
class Ask:
    """``left``: messages allowed yet, where there is nothing to ask; ``ids``: WeChat's templates to ask for.

    ``button``: WeChat's own can be shown; ``popup``: where the demo's stand-in asks.
    """

    left: int
    ids: tuple[str, ...] = ()
    button: bool = False
    popup: str = ""
    sdk: str = SCRIPT


def ask(*templates: str) -> Ask | None:
    """What a page about these templates of ours says; ``None`` where WeChat has no part in it."""
    if not runtime().wechat.enabled or caller().kind != "resident":
        return None
    card = shown.card(caller().id)
    known = [name for name in templates if name in card.left]
    if not card.bound or not known:
        return None
    spent = [name for name in known if not card.left[name]]
    if not spent:
        return Ask(min(card.left[name] for name in known))
    ids = tuple(runtime().settings.wechat.templates[name] for name in spent[:MOST])
    if trips.stands_in():
        return Ask(0, ids, popup=_popup(ids))
    if not trips.inside():
        return None
    g.wechat_script = True
    return Ask(0, ids, button=True)


def _popup(ids: tuple[str, ...]) -> str:
    at = runtime()
    query = {"openid": shown.openid(caller().id), "template_id": ",".join(ids), "back": at.settings.base_url + here()}
    return f"{at.settings.wechat.open_url}/standin/popup?{urlencode(query)}"


@blp.app_context_processor
def _for_templates() -> dict[str, Any]:
    """Asked for by the few pages that show it: nothing is read for the others."""
    return {"wechat_ask": ask, "wechat_card": _card, "wechat_door": _door}


def _card() -> shown.WechatCard:
    return shown.card(caller().id)


@dataclass(frozen=True, slots=True)
class Door:
    """On the sign-in page. ``waits``: a WeChat came along and can be bound; ``link``: how to come in with one."""

    waits: bool
    link: str
    is_demo: bool


def _door(back: str) -> Door | None:
    at = runtime()
    if not at.wechat.enabled or not (trips.inside() or trips.stands_in()):
        return None
    return Door(bool(trips.waiting()), url_for("h5_wechat.enter", next=back), not trips.inside())


@blp.after_app_request
def _allow_script(response: Response) -> Response:
    """Only the page that asks lets WeChat's script in."""
    if g.get("wechat_script") and request.method == "GET":
        response.headers["Content-Security-Policy"] = WITH_SDK
    return response
