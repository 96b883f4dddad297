"""One call to WeChat's HTTP API: kept-alive connections, short time-outs, no retries, and what its errcodes mean.

Source: developers.weixin.qq.com, 服务号, 全局返回码. A call whose answer cannot be read may have been done, so such a
failure is told apart (``WechatInDoubt``) from one that never reached WeChat.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from urllib3 import BaseHTTPResponse, PoolManager, Timeout
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from backend.gateways.wechat import NoCredit, WechatInDoubt, WechatRefused, WechatUnavailable

SECONDS = 3.0
LARGEST = 64 * 1024
#: The access token is unknown, older than another, or over: a fresh one helps.
STALE = frozenset({40001, 40014, 42001})
#: Busy, or called too often: the same call works later.
LATER = frozenset({-1, 45009, 45011})
NO_CREDIT = 43101


class StaleToken(Exception):
    """WeChat does not take the access token; ``code``: its errcode."""

    def __init__(self, code: int) -> None:
        super().__init__(f"errcode {code}")
        self.code = code


class Transport:
    """Calls to one base address; safe to use from many threads."""

    def __init__(self, base: str, *, seconds: float = SECONDS, connections: int = 16) -> None:
        # At DEBUG urllib3 writes whole addresses, and WeChat wants secrets and tokens in them.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
        self._base = base
        self._seconds = seconds
        timeout = Timeout(connect=seconds, read=seconds)
        self._pool = PoolManager(num_pools=2, maxsize=connections, timeout=timeout, retries=False)

    def get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        return self._answered("GET", path, query, None)

    def post(self, path: str, query: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, Any]:
        # WeChat shows \uXXXX as it stands.
        return self._answered("POST", path, query, json.dumps(body, ensure_ascii=False).encode())

    def _answered(self, method: str, path: str, query: Mapping[str, str], body: bytes | None) -> dict[str, Any]:
        """The answer where ``errcode`` is 0 or missing; ``StaleToken`` or one of WeChat's errors otherwise."""
        answer = self._exchanged(method, path, query, body)
        code = answer.get("errcode", 0)
        if code in STALE:
            raise StaleToken(code)
        if code in LATER:
            raise WechatUnavailable(f"errcode {code}")
        if code == NO_CREDIT:
            raise NoCredit(code)
        if code != 0:
            raise WechatRefused(code if isinstance(code, int) else 0)
        return answer

    def _exchanged(self, method: str, path: str, query: Mapping[str, str], body: bytes | None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        url = f"{self._base}{path}?{urlencode(query)}"
        end = time.monotonic() + self._seconds
        try:
            response = self._pool.urlopen(
                method, url, body=body, headers=headers, redirect=False, preload_content=False, retries=False
            )
            raw = self._read(response, end)
        except (NewConnectionError, ConnectTimeoutError) as error:
            raise WechatUnavailable(type(error).__name__) from None
        except (HTTPError, OSError) as error:
            raise WechatInDoubt(type(error).__name__) from None
        return _parsed(response.status, raw)

    def _read(self, response: BaseHTTPResponse, end: float) -> bytes:
        """The body, if it comes whole and in time; a body that drips would pass every time-out of a single read."""
        parts: list[bytes] = []
        try:
            while chunk := response.read1(LARGEST):
                parts.append(chunk)
                if time.monotonic() > end or sum(map(len, parts)) > LARGEST:
                    raise WechatInDoubt("slow or endless answer")
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return b"".join(parts)


def _parsed(status: int, raw: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(raw)
    except ValueError:
        raise WechatInDoubt("broken answer") from None
    if status != 200 or not isinstance(answer, dict):
        raise WechatInDoubt(f"status {status}")
    return answer
