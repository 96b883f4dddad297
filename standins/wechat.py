"""A server that speaks WeChat's protocol for one service account: by itself, or in a thread of a test.

What it "sends" stands in its list and, with a file, as lines beside the demo's text messages.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import string
import threading
import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from backend.gateways.clock import FileClock
from config.settings import ROOT, Settings, load_settings
from standins.wechat_callbacks import Post, Pusher, over_http
from standins.wechat_handler import Handler
from standins.wechat_state import Account, Sent, WechatState

CARDS = ROOT / "config" / "wechat.toml"


def fields() -> dict[str, frozenset[str]]:
    """Our name of a template → WeChat's fields of it (thing1, …)."""
    return {name: frozenset(one["field"] for one in card["fields"].values()) for name, card in _cards().items()}


def titles() -> dict[str, str]:
    """Our name of a template → its title at WeChat."""
    return {name: card["title"] for name, card in _cards().items()}


def _cards() -> dict[str, Any]:
    return tomllib.loads(CARDS.read_text(encoding="utf-8"))


def account(*, site: str = "", callback: str = "", cards: Mapping[str, frozenset[str]] | None = None) -> Account:
    """An account with secrets of its own; ``site``: where its pages are, ``callback``: where its events go."""
    wanted = fields() if cards is None else cards
    letters = string.ascii_letters + string.digits
    return Account(
        app_id="wx" + secrets.token_hex(8),
        secret=secrets.token_hex(16),
        token=secrets.token_hex(8),
        # 43 letters and digits; the last one holds 4 bits of the key and 2 that must be zero.
        aes_key="".join(secrets.choice(letters) for _ in range(42)) + secrets.choice("AEIMQUYcgkosw048"),
        templates={f"standin-{name.replace('_', '-')}-0123456789abcdef": name for name in wanted},
        fields=dict(wanted),
        callback=callback,
        site=site or callback,
    )


def environment(of: Account, url: str) -> dict[str, str]:
    """The settings of an installation that has this account."""
    return {
        "WECHAT_APP_ID": of.app_id,
        "SECRET_WECHAT_APP": of.secret,
        "SECRET_WECHAT_TOKEN": of.token,
        "SECRET_WECHAT_AES": of.aes_key,
        "WECHAT_API_URL": url,
        "WECHAT_OPEN_URL": url,
        "WECHAT_TEMPLATES": ",".join(f"{name}:{one}" for one, name in of.templates.items()),
    }


class Server(ThreadingHTTPServer):
    """A thread per connection."""

    daemon_threads = True
    # Workers connect many at once; the library's five would turn the others away.
    request_queue_size = 256


class StandIn:
    """The server on a loopback port; ``with StandIn(account) as wechat``.

    ``post``: where events go instead of HTTP (a test client); ``note``: told of every message that was taken.
    """

    def __init__(
        self,
        of: Account,
        *,
        port: int = 0,
        post: Post | None = None,
        note: Callable[[Sent], None] | None = None,
        token_seconds: int = 7200,
        seed: int = 0,
    ) -> None:
        self.account = of
        self.state = WechatState(of, token_seconds=token_seconds, seed=seed)
        self.pusher = Pusher(of, post or (over_http(of.callback) if of.callback else None))
        noted = note or _nothing
        names = {"state": self.state, "pusher": self.pusher, "note": staticmethod(noted)}
        self._server = Server(("127.0.0.1", port), type("Bound", (Handler,), names))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.environment = environment(of, self.url)

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.2)

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _nothing(_: Sent) -> None:
    """Nobody wants to know."""


class Lines:
    """The demo's window: one JSON line per message in the file of the text messages, written at once."""

    def __init__(self, path: Path, names: Mapping[str, str], clock: Callable[[], datetime]) -> None:
        self._path = path
        self._names = names
        self._clock = clock

    def __call__(self, sent: Sent) -> None:
        values = {
            "channel": "wechat",
            "to": sent.openid,
            "template": self._names[sent.template],
            "text": "，".join(sent.data.values()) + (f" {sent.page}" if sent.page else ""),
            "sent_at": self._clock().isoformat(),
            "key": sent.msgid,
        }
        line = json.dumps(values, ensure_ascii=False).encode() + b"\n"
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


def from_settings(settings: Settings) -> StandIn:
    """Of the demo: at the address that the installation itself calls."""
    own = settings.wechat
    of = Account(
        app_id=own.app_id,
        secret=own.app_secret,
        token=own.token,
        aes_key=own.aes_key,
        templates={template_id: name for name, template_id in own.templates.items()},
        fields=fields(),
        callback=f"http://{_near(settings.host)}:{settings.port}/wechat/callback",
        site=settings.base_url,
        titles=titles(),
    )
    note = Lines(settings.data_dir / "messages.jsonl", of.templates, FileClock(settings.data_dir / "clock.json"))
    return StandIn(of, port=urlsplit(own.api_url).port or 0, note=note)


def _near(host: str) -> str:
    """Where the web server is reached from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)  # noqa: S104 - the name of an answer


def main() -> None:
    # The supervisor's signal ends it like Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        from_settings(load_settings()).serve()
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
