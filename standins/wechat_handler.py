"""The stand-in's HTTP: WeChat's addresses, the popup a person sees, and the controls of whoever tests (/standin/…)."""

from __future__ import annotations

import dataclasses
import html
import json
import socket
import struct
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

from standins import wechat_callbacks as callbacks
from standins.wechat_callbacks import Pusher
from standins.wechat_state import Fault, Refused, Sent, WechatState

LARGEST = 1 << 20
#: Whoever comes without naming another.
SOMEBODY = "o-demo-1"
PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>演示：微信的授权弹窗</title><style>body{{font:18px/1.6 sans-serif;margin:24px auto;padding:0 20px;
max-width:440px;color:#222}}h1{{font-size:22px}}p{{color:#666}}
button{{font:inherit;width:100%;min-height:52px;margin:8px 0;border:0;
border-radius:8px;background:#eee;color:#222}}button[value=accept]{{background:#07803d;color:#fff}}</style>
<p>演示：这里代替微信的弹窗。</p><h1>允许“阳光办”发送以下通知？</h1><ul>{items}</ul>
<form method="post" action="/standin/popup"><input type="hidden" name="openid" value="{openid}">
<input type="hidden" name="template_id" value="{templates}"><input type="hidden" name="back" value="{back}">
<button name="answer" value="accept">允许</button><button name="answer" value="reject">取消</button></form></html>"""


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive. ``state``, ``pusher`` and ``note`` are set on a subclass of each server."""

    protocol_version = "HTTP/1.1"
    # Headers and body leave in one packet; apart, the second waits 40 ms for the first one's receipt.
    wbufsize = 1 << 16
    state: ClassVar[WechatState]
    pusher: ClassVar[Pusher]
    note: ClassVar[Callable[[Sent], None]]

    def do_GET(self) -> None:
        path, query = self._asked()
        match path:
            case "/connect/oauth2/authorize":
                self._authorize(query)
            case "/sns/oauth2/access_token":
                self._answer(path, lambda: self.state.identify(query))
            case "/cgi-bin/ticket/getticket":
                self._answer(path, lambda: self.state.lend_ticket(query))
            case "/standin/popup":
                self._popup(query)
            case "/standin/sent":
                self._json([dataclasses.asdict(one) for one in self.state.sent])
            case "/standin/calls":
                self._json(dict(self.state.calls))
            case _:
                self._json({"errcode": 404}, 404)

    def do_POST(self) -> None:
        path, query = self._asked()
        raw = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST))
        if path == "/standin/popup":
            return self._chosen({name: values[0] for name, values in parse_qs(raw.decode()).items()})
        body = _object(raw)
        match path:
            case "/cgi-bin/stable_token":
                self._answer(path, lambda: self.state.lend_token(body))
            case "/cgi-bin/menu/create":
                self._answer(path, lambda: self.state.make_menu(query, body))
            case "/cgi-bin/message/subscribe/bizsend":
                self._answer(path, lambda: self._sent(query, body))
            case "/standin/faults":
                self._json(self._set_faults(body))
            case "/standin/codes":
                self._json({"code": self.state.code(str(body["openid"]), snapshot=bool(body.get("snapshot")))})
            case "/standin/popups":
                self._json(self._choose(str(body["openid"]), list(body["templates"]), str(body["answer"])))
            case "/standin/unsubscribe":
                self._json(self._leave(str(body["openid"])))
            case "/standin/spoil":
                self.state.spoil_token()
                self._json({})
            case _:
                self._json({"errcode": 404}, 404)
        return None

    def _sent(self, query: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, Any]:
        sent = self.state.send(query, body)
        type(self).note(sent)
        self.pusher.push(callbacks.outcome(sent, arrived=sent.openid not in self.state.unreachable))
        return {"errcode": 0, "errmsg": "ok", "msgid": int(sent.msgid)}

    def _answer(self, path: str, act: Callable[[], dict[str, Any]]) -> None:
        """Do it, with what was told to go wrong before or after."""
        fault = self.state.fault(path)
        if fault is not None and fault.errcode:
            return self._json({"errcode": fault.errcode, "errmsg": "told to"})
        try:
            answer = {} if fault is not None and fault.undone else act()
        except Refused as refused:
            answer = {"errcode": refused.errcode, "errmsg": f"refused rid: {time.time_ns():x}"}
        if fault is not None:
            time.sleep(fault.slow)
            if fault.reset:
                return self._reset()
            if fault.broken:
                return self._bytes(b'{"errcode":0,"errms', "application/json", 200)
        return self._json(answer)

    def _authorize(self, query: Mapping[str, str]) -> None:
        """``snsapi_base`` is silent: at once back with a code. Only to the account's own site (网页授权域名)."""
        redirect = query.get("redirect_uri", "")
        if query.get("appid") != self.state.account.app_id or not self._is_own(redirect):
            return self._json({"errcode": 10003, "errmsg": "redirect_uri"}, 400)
        snapshot = query.get("snapshot") == "1"
        code = self.state.code(query.get("openid") or SOMEBODY, snapshot=snapshot)
        joint = "&" if urlsplit(redirect).query else "?"
        return self._redirect(f"{redirect}{joint}{urlencode({'code': code, 'state': query.get('state', '')})}")

    def _popup(self, query: Mapping[str, str]) -> None:
        names, titles = self.state.account.templates, self.state.account.titles
        wanted = [one for one in query.get("template_id", "").split(",") if one in names]
        items = "".join(f"<li>{html.escape(titles.get(names[one], names[one]))}</li>" for one in wanted)
        values = {"openid": query.get("openid", SOMEBODY), "templates": ",".join(wanted), "back": query.get("back", "")}
        page = PAGE.format(items=items, **{name: html.escape(value) for name, value in values.items()})
        self._bytes(page.encode(), "text/html; charset=utf-8", 200)

    def _chosen(self, form: Mapping[str, str]) -> None:
        templates = [one for one in form.get("template_id", "").split(",") if one]
        self._choose(form.get("openid", SOMEBODY), templates, form.get("answer", "reject"))
        # The page that comes next shows what was granted: the event is there before.
        self.pusher.settle()
        back = form.get("back", "")
        self._redirect(back if self._is_own(back) else "/standin/sent")

    def _choose(self, openid: str, templates: list[str], answer: str) -> dict[str, Any]:
        for template in templates if answer == "accept" else ():
            self.state.grant(openid, template)
        self.pusher.push(callbacks.popup(openid, [(template, answer) for template in templates]))
        return {"credits": {template: self.state.credits[openid, template] for template in templates}}

    def _leave(self, openid: str) -> dict[str, Any]:
        self.state.withdraw(openid)
        self.pusher.push(callbacks.event(openid, "unsubscribe"))
        return {}

    def _set_faults(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """``{"faults": [{"path": "bizsend", "errcode": 45009, "times": 1}]}`` instead of those that were set."""
        self.state.faults[:] = [Fault(**one) for one in body.get("faults", [])]
        self.state.unreachable = set(body.get("unreachable", self.state.unreachable))
        return {"faults": len(self.state.faults)}

    def _is_own(self, address: str) -> bool:
        """Whether an address is on the account's site."""
        own, other = urlsplit(self.state.account.site), urlsplit(address)
        return (own.scheme, own.netloc) == (other.scheme, other.netloc)

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}

    def _json(self, value: Any, status: int = 200) -> None:
        self._bytes(json.dumps(value, ensure_ascii=False).encode(), "application/json; encoding=utf-8", status)

    def _bytes(self, raw: bytes, kind: str, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _reset(self) -> None:
        """The connection is gone, with RST instead of an end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def finish(self) -> None:
        """After a reset there is nothing left to flush."""
        try:
            super().finish()
        except (OSError, ValueError):
            self.close_connection = True

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (OSError, ValueError):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Addresses carry secrets and tokens: nothing is logged."""


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
