"""The WeChat of the signed-in person: bind it, look at it, let it go."""

from __future__ import annotations

from typing import Any

from flask import request

from backend.accounts import door, wechat
from backend.kernel.errors import Invalid, Unauthenticated
from backend.schemas.accounts import WechatCodeSchema, WechatSchema
from backend.web import wechat as shown
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.guards import caller

blp = Blueprint("wechat-accounts", __name__, url_prefix="/me/wechat", description="The person's WeChat")


@blp.get("")
@blp.response(200, WechatSchema)
def read() -> dict[str, Any]:
    """Whether a WeChat is bound, since when, and how many messages it may still be sent."""
    return _card()


@blp.put("")
@blp.arguments(WechatCodeSchema)
@blp.response(200, WechatSchema)
def bind(body: dict[str, Any]) -> dict[str, Any]:
    """Bind the WeChat that brings this code, instead of the one before; 409 where another account has it."""
    at = runtime()
    try:
        openid = door.identify_wechat(
            at.db, at.vault, at.wechat, code=body["code"], address=request.remote_addr or "", now=at.clock()
        )
    except Unauthenticated as refused:
        # Not 401: it is the code that is wrong, the session stays.
        raise Invalid(refused.code, refused.title, errors=refused.errors) from refused
    at.db.transact(wechat.bind, at.vault, resident_id=caller().id, openid=openid, now=at.clock())
    return _card()


@blp.delete("")
@blp.response(204)
def unbind() -> None:
    """Let it go: nothing is sent there any more, what waits goes by text message."""
    at = runtime()
    at.db.transact(wechat.unbind, at.vault, resident_id=caller().id, now=at.clock())


def _card() -> dict[str, Any]:
    card = shown.card(caller().id)
    return {
        "available": card.available,
        "bound": card.bound,
        "bound_at": card.bound_at,
        "credits": [{"template": name, "left": left} for name, left in card.left.items()],
    }
