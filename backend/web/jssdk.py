"""WeChat's JavaScript on our pages (``wx.config``): the signature for one address of ours."""

from __future__ import annotations

from urllib.parse import urlsplit

from backend.gateways.wechat import JsSignature, WechatRefused, WechatUnavailable
from backend.kernel.clock import system_clock
from backend.kernel.errors import Invalid, Unavailable
from backend.kernel.i18n import N_
from backend.web.context import runtime


def signed(url: str) -> JsSignature:
    """For a page of this site; ``Invalid`` for others, ``Unavailable`` where there is no WeChat or it is away.

    May call WeChat, so no transaction is open; the ticket behind it is kept for two hours for all processes.
    """
    at = runtime()
    own, asked = urlsplit(at.settings.base_url), urlsplit(url)
    if (own.scheme, own.netloc) != (asked.scheme, asked.netloc):
        text = N_("只能是本站的网址")
        raise Invalid("invalid_input", text, errors={"url": [text]})
    if not at.wechat.enabled:
        raise Unavailable("wechat_off", N_("这里没有开通微信，短信和站内消息照常"), retry_after=3600)
    try:
        # WeChat compares the time with its own, so it is the machine's.
        return at.wechat.js_signature(url, system_clock())
    except (WechatUnavailable, WechatRefused) as away:
        text = N_("微信那边没有回应，请过一会儿再试，短信和站内消息照常")
        raise Unavailable("wechat_unavailable", text, retry_after=10) from away
