"""WeChat's HTTP API for one service account 服务号: what the product asks of it, and an installation without one.

Source: developers.weixin.qq.com, 服务号: 网页授权, 稳定版接口调用凭据, 订阅通知, JS-SDK, 自定义菜单.
Errors of WeChat carry ``errcode``: what can be tried again is ``WechatUnavailable``, the rest ``WechatRefused``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Identity:
    """Who pressed "allow": the openid at our account. ``is_snapshot``: a look-around page, a made-up openid."""

    openid: str = field(repr=False)
    is_snapshot: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """One subscription message 订阅通知. ``data``: field name (thing1, …) → at most 20 characters; ``page``: opens."""

    openid: str = field(repr=False)
    template_id: str
    data: Mapping[str, str] = field(repr=False)
    page: str


@dataclass(frozen=True, slots=True)
class JsSignature:
    """What ``wx.config`` wants."""

    app_id: str
    timestamp: int
    nonce: str
    signature: str


class WechatUnavailable(Exception):
    """WeChat does not answer now, or asks to come later (system busy, too many calls)."""

    permanent = False


class WechatInDoubt(WechatUnavailable):
    """The call went out and its answer never came, late, or unreadable: it may have been done.

    Only of ``send``: whoever sees it must not send again, the event of the message will tell.
    """


class WechatRefused(Exception):
    """WeChat will never take this; ``code``: its errcode."""

    permanent = True

    def __init__(self, code: int) -> None:
        super().__init__(f"errcode {code}")
        self.code = code


class NoCredit(WechatRefused):
    """43101: the person has not granted, or has taken back, what this message needs."""


class WeChat(Protocol):
    """``enabled``: whether this installation has a service account at all."""

    enabled: bool

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        """Where a person is sent for ``snsapi_base``."""
        ...

    def identify(self, code: str) -> Identity:
        """Who came back with this code; ``WechatRefused`` 40029 for a wrong or used one."""
        ...

    def send(self, notice: Notice) -> str:
        """WeChat's id of the message (``msgid``), or "" where it names none.

        ``NoCredit``, ``WechatRefused``, ``WechatUnavailable`` (certainly not sent), ``WechatInDoubt``.
        """
        ...

    def js_signature(self, url: str, now: datetime) -> JsSignature:
        """For a page at ``url`` (without its fragment)."""
        ...

    def create_menu(self, buttons: Sequence[Mapping[str, Any]]) -> None:
        """Publish the menu of the account."""
        ...

    def check(self) -> None:
        """Whether WeChat knows this account and its secret: ``WechatUnavailable`` with its errcode where not."""
        ...


class NoWeChat:
    """No service account: nobody signs in by WeChat and nothing is sent there."""

    enabled = False

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        raise WechatRefused(0)

    def identify(self, code: str) -> Identity:
        raise WechatRefused(0)

    def send(self, notice: Notice) -> str:
        raise WechatRefused(0)

    def js_signature(self, url: str, now: datetime) -> JsSignature:
        raise WechatRefused(0)

    def create_menu(self, buttons: Sequence[Mapping[str, Any]]) -> None:
        raise WechatRefused(0)

    def check(self) -> None:
        raise WechatRefused(0)
