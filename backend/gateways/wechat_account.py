"""One service account 服务号 over WeChat's HTTP API (or a stand-in that speaks it).

Source: developers.weixin.qq.com, 服务号: 网页授权, 获取稳定版接口调用凭据, 发送订阅通知, JS-SDK 附录, 创建自定义菜单.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from backend.gateways.wechat import Identity, JsSignature, Notice, WechatRefused, WechatUnavailable
from backend.gateways.wechat_http import StaleToken, Transport
from backend.gateways.wechat_tokens import Broker, SharedWord, Word
from backend.kernel.crypto import Vault

T = TypeVar("T")


class ServiceAccount:
    """The real gateway. No call is tried again, but once with a fresh token where WeChat refuses the old one."""

    enabled = True

    def __init__(
        self, *, app_id: str, secret: str, open_url: str, transport: Transport, broker: Broker, vault: Vault
    ) -> None:
        self._app_id = app_id
        self._secret = secret
        self._open_url = open_url
        self._transport = transport
        self._token = SharedWord(f"{app_id}:token", broker, vault, self._fetch_token)
        self._ticket = SharedWord(f"{app_id}:ticket", broker, vault, self._fetch_ticket)

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        """``snsapi_base``: silent, tells the openid and nothing else."""
        query = {
            "appid": self._app_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
        }
        return f"{self._open_url}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"

    def identify(self, code: str) -> Identity:
        query = {"appid": self._app_id, "secret": self._secret, "code": code, "grant_type": "authorization_code"}
        try:
            answer = self._transport.get("/sns/oauth2/access_token", query)
        except StaleToken as error:  # 40001 here: our secret is wrong
            raise WechatUnavailable(str(error)) from error
        openid = answer.get("openid")
        if not isinstance(openid, str) or not 1 <= len(openid) <= 64:
            raise WechatUnavailable("no openid")
        return Identity(openid, is_snapshot=answer.get("is_snapshotuser") == 1)

    def send(self, notice: Notice) -> str:
        body = {
            "touser": notice.openid,
            "template_id": notice.template_id,
            "page": notice.page,
            "data": {name: {"value": value} for name, value in notice.data.items()},
        }
        answer = self._with_token(lambda query: self._transport.post("/cgi-bin/message/subscribe/bizsend", query, body))
        return str(answer.get("msgid", ""))

    def js_signature(self, url: str, now: datetime) -> JsSignature:
        nonce, timestamp = secrets.token_hex(8), int(now.timestamp())
        signed = f"jsapi_ticket={self._ticket.get()}&noncestr={nonce}&timestamp={timestamp}&url={url.split('#')[0]}"
        # SHA-1 is WeChat's choice.
        signature = hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()
        return JsSignature(self._app_id, timestamp, nonce, signature)

    def create_menu(self, buttons: Sequence[Mapping[str, Any]]) -> None:
        self._with_token(lambda query: self._transport.post("/cgi-bin/menu/create", query, {"button": list(buttons)}))

    def check(self) -> None:
        """A word of its own, not the shared one: this asks whether the account and its secret are right now."""
        self._fetch_token(False)

    def _with_token(self, call: Callable[[Mapping[str, str]], T]) -> T:
        """One call; where the token is refused, one more with another. A refused call was certainly not made."""
        token = self._token.get()
        try:
            return call({"access_token": token})
        except StaleToken:
            token = self._token.renew(token)
        try:
            return call({"access_token": token})
        except StaleToken as error:
            raise WechatUnavailable(str(error)) from error

    def _fetch_token(self, force: bool) -> Word:
        """A wrong AppID or secret is nobody's message: it is mended in the settings, and the calls wait for that."""
        body = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret,
            "force_refresh": force,
        }
        try:
            answer = self._transport.post("/cgi-bin/stable_token", {}, body)
        except (StaleToken, WechatRefused) as error:
            raise WechatUnavailable(f"stable_token: {error}") from error
        return _lent(answer, "access_token")

    def _fetch_ticket(self, _: bool) -> Word:
        def ask(query: Mapping[str, str]) -> dict[str, Any]:
            return self._transport.get("/cgi-bin/ticket/getticket", {**query, "type": "jsapi"})

        try:
            return _lent(self._with_token(ask), "ticket")
        except WechatRefused as error:
            raise WechatUnavailable(f"getticket: {error}") from error


def _lent(answer: Mapping[str, Any], name: str) -> Word:
    value, seconds = answer.get(name), answer.get("expires_in")
    if not isinstance(value, str) or not isinstance(seconds, int) or not value:
        raise WechatUnavailable(f"no {name}")
    return Word.lent(value, seconds)
