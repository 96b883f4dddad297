"""Where WeChat's server tells of people: grants, refusals, what became of messages. Answers at once, in its words."""

from __future__ import annotations

from flask import Blueprint, Response, request

from backend.kernel.clock import system_clock
from backend.notifications.wechat import events as wechat_events
from backend.notifications.wechat.envelope import LARGEST, Forged, Keys, greeting, opened
from backend.web.context import runtime

#: Mounted at the root, outside /api/v1: its address is entered at WeChat's site.
blp = Blueprint("wechat_callback", __name__, url_prefix="/wechat/callback")


@blp.get("")
def greet() -> Response:
    """WeChat asks once whether this address is ours: the answer is its own word back."""
    keys = _keys()
    if keys is None:
        return _plain("", 404)
    try:
        return _plain(greeting(keys, request.args, beat=system_clock()))
    except Forged:
        return _plain("", 403)


@blp.post("")
def take() -> Response:
    """One event; repeated ones are taken too and change nothing, forged and stale ones are refused."""
    at, keys = runtime(), _keys()
    if keys is None:
        return _plain("", 404)
    if (request.content_length or 0) > LARGEST:
        return _plain("", 413)
    if "Transfer-Encoding" in request.headers:
        # In chunks there is no length; WeChat sends none, and what is forged is known only after it was parsed.
        return _plain("", 411)
    beat, templates = system_clock(), at.settings.wechat.templates
    try:
        xml = opened(keys, request.args, request.get_data(), beat=beat)
        at.db.transact_once(wechat_events.take, at.vault, xml=xml, templates=templates, now=at.clock(), beat=beat)
    except Forged:
        return _plain("", 403)
    return _plain("success")


def _keys() -> Keys | None:
    """``None`` where there is no service account."""
    own = runtime().settings.wechat
    return Keys(own.app_id, own.token, own.aes_key) if own.app_id else None


def _plain(text: str, status: int = 200) -> Response:
    return Response(text, status, mimetype="text/plain")
