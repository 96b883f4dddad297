"""What the stand-in for WeChat remembers: codes, tokens, grants, what was sent, and the faults it was told to make.

Source of the rules: developers.weixin.qq.com, 服务号 (网页授权, 稳定版凭据, 订阅通知 with its 参数值内容限制).
"""

from __future__ import annotations

import itertools
import random
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CODE_SECONDS, TOKEN_SECONDS = 300.0, 7200
#: WeChat gives no other token to who forces one again within this time.
FORCED_GAP = 30.0
#: What fits into a field, by the letters of its name.
FITS = {
    "thing": re.compile(r"[^\r\n]{1,20}"),
    "time": re.compile(r"\d{4}年\d{1,2}月\d{1,2}日( \d{1,2}:\d{2})?|\d{1,2}:\d{2}"),
    "phrase": re.compile(r"[\u4e00-\u9fff]{1,5}"),
    "character_string": re.compile(r"[ -~]{1,32}"),
}


@dataclass(frozen=True, slots=True)
class Account:
    """The service account. ``templates``: WeChat's id → our name; ``fields``: our name → its fields (thing1, …);
    ``callback``: where events go, "" for nowhere; ``site``: where people may be sent back to (网页授权域名)."""

    app_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    templates: Mapping[str, str]
    fields: Mapping[str, frozenset[str]]
    callback: str = ""
    site: str = ""
    #: Our name → what the popup calls it.
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Fault:
    """What goes wrong at ``path`` (its end), ``times`` times (0: until it is taken away), for a ``share`` of the calls.

    ``errcode``: answered instead of doing it. ``slow`` (seconds), ``broken`` (half an answer) and ``reset`` come after
    it has been done, unless ``undone``: then it has not.
    """

    path: str
    errcode: int = 0
    slow: float = 0.0
    broken: bool = False
    reset: bool = False
    undone: bool = False
    times: int = 1
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Sent:
    """One message as WeChat took it."""

    msgid: str
    openid: str
    template: str
    data: Mapping[str, str]
    page: str


class Refused(Exception):
    """Answered as ``{"errcode": …}``."""

    def __init__(self, errcode: int) -> None:
        super().__init__(errcode)
        self.errcode = errcode


class WechatState:
    """Everything of one account; each method is one call of WeChat's, safe from many threads."""

    def __init__(self, account: Account, *, seed: int = 0, token_seconds: int = TOKEN_SECONDS) -> None:
        self.account = account
        self.token_seconds = token_seconds
        self.forced_gap = FORCED_GAP
        self.sent: list[Sent] = []
        self.credits: Counter[tuple[str, str]] = Counter()
        self.calls: Counter[str] = Counter()
        self.faults: list[Fault] = []
        self.menu: list[Any] = []
        #: Their phones do not get what is sent: the event says so.
        self.unreachable: set[str] = set()
        self._codes: dict[str, tuple[str, bool, float]] = {}
        self._token, self._token_until, self._forced_at = "", 0.0, -FORCED_GAP
        self._ticket = secrets.token_hex(16)
        self._numbers = itertools.count(2_700_000_000_000_000_000 + time.time_ns() // 10**6)
        self._random = random.Random(seed)  # noqa: S311 - which calls fail, repeatable by its seed
        self._lock = threading.RLock()

    def fault(self, path: str) -> Fault | None:
        """What goes wrong with this call; counts it."""
        with self._lock:
            self.calls[path] += 1
            for one in self.faults:
                if path.endswith(one.path) and self._random.random() < one.share:
                    one.times -= 1
                    if one.times == 0:
                        self.faults.remove(one)
                    return one
        return None

    def code(self, openid: str, *, snapshot: bool = False) -> str:
        """A code as the consent page hands it back: good once, for five minutes."""
        with self._lock:
            code = secrets.token_urlsafe(24)
            self._codes[code] = (openid, snapshot, time.time() + CODE_SECONDS)
            return code

    def identify(self, query: Mapping[str, str]) -> dict[str, Any]:
        self._known(query.get("appid"), query.get("secret"))
        with self._lock:
            openid, snapshot, until = self._codes.pop(query.get("code", ""), ("", False, 0.0))
        if not openid or time.time() > until:
            raise Refused(40029)
        answer = {"access_token": secrets.token_hex(16), "expires_in": 7200, "refresh_token": secrets.token_hex(16)}
        answer |= {"openid": openid, "scope": "snsapi_base"}
        return answer | ({"is_snapshotuser": 1} if snapshot else {})

    def lend_token(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The stable token: the same until it is over, another where it is forced (not within half a minute)."""
        if body.get("grant_type") != "client_credential":
            raise Refused(40002)
        self._known(body.get("appid"), body.get("secret"))
        with self._lock:
            now = time.monotonic()
            forced = bool(body.get("force_refresh")) and now - self._forced_at >= self.forced_gap
            if forced or time.time() >= self._token_until:
                self._token, self._token_until = secrets.token_hex(32), time.time() + self.token_seconds
                self._forced_at = now if forced else self._forced_at
            return {"access_token": self._token, "expires_in": int(self._token_until - time.time())}

    def spoil_token(self) -> None:
        """The token is taken back before its time."""
        with self._lock:
            self._token, self._token_until, self._forced_at = "", 0.0, -FORCED_GAP

    def lend_ticket(self, query: Mapping[str, str]) -> dict[str, Any]:
        self._tokened(query)
        return {"errcode": 0, "errmsg": "ok", "ticket": self._ticket, "expires_in": 7200}

    def make_menu(self, query: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, Any]:
        self._tokened(query)
        buttons = body.get("button")
        if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
            raise Refused(40017)
        self.menu = buttons
        return {"errcode": 0, "errmsg": "ok"}

    def send(self, query: Mapping[str, str], body: Mapping[str, Any]) -> Sent:
        """One subscription message for one grant."""
        self._tokened(query)
        openid, template_id = str(body.get("touser") or ""), str(body.get("template_id") or "")
        if not openid.startswith("o"):
            raise Refused(40003)
        name = self.account.templates.get(template_id)
        if name is None:
            raise Refused(40037)
        data = self._data(name, body.get("data"))
        with self._lock:
            if self.credits[openid, template_id] < 1:
                raise Refused(43101)
            self.credits[openid, template_id] -= 1
            sent = Sent(str(next(self._numbers)), openid, template_id, data, str(body.get("page") or ""))
            self.sent.append(sent)
        return sent

    def grant(self, openid: str, template_id: str, times: int = 1) -> None:
        with self._lock:
            self.credits[openid, template_id] += times

    def withdraw(self, openid: str, template_id: str | None = None) -> None:
        """Grants are taken back: of one template, or of all."""
        with self._lock:
            for key in [key for key in self.credits if key[0] == openid and template_id in (None, key[1])]:
                del self.credits[key]

    def _data(self, name: str, data: Any) -> dict[str, str]:
        if not isinstance(data, dict) or set(data) != set(self.account.fields[name]):
            raise Refused(47003)
        said = {key: value.get("value") if isinstance(value, dict) else None for key, value in data.items()}
        for key, value in said.items():
            form = FITS.get(key.rstrip("0123456789"))
            if form is None or not isinstance(value, str) or not form.fullmatch(value):
                raise Refused(47003)
        return {key: str(value) for key, value in said.items()}

    def _known(self, app_id: object, secret: object) -> None:
        if app_id != self.account.app_id:
            raise Refused(40013)
        if secret != self.account.secret:
            raise Refused(40125)

    def _tokened(self, query: Mapping[str, str]) -> None:
        token = query.get("access_token", "")
        with self._lock:
            if not token or token != self._token:
                raise Refused(40001)
            if time.time() >= self._token_until:
                raise Refused(42001)
