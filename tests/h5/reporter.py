"""Somebody who reports, on a phone without JavaScript: the forms as they stand in the pages."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta
from typing import Any

from werkzeug.test import TestResponse

from tests.clock import MovableClock
from tests.tip_line import TipLine

REPORT = {
    "category": "sex_determination",
    "kind": "institution",
    "name": "光明门诊部",
    "region": "370402001000",
    "text": "二楼最里面一间，周六晚上九点以后，收现金。",
}
_HIDDEN = re.compile(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">')
_GROUP = re.compile(r"<li>([0-9]{4})</li>")


class Reporter:
    """``seen``: the last page."""

    def __init__(self, line: TipLine, clock: MovableClock) -> None:
        self.line, self.clock = line, clock
        self.seen = ""
        self.status = 0

    def get(self, path: str, **options: Any) -> str:
        return self._look(self.line.client.get(path, **options))

    def post(self, path: str, **fields: Any) -> str:
        """The form of the last page that goes to this path, with its hidden fields."""
        return self.send(path, self.hidden(path) | fields)

    def send(self, path: str, fields: dict[str, Any]) -> str:
        return self._look(self.line.client.post(path, data=fields))

    def hidden(self, path: str) -> dict[str, str]:
        """Of the first form to this path."""
        form = re.search(rf'<form [^>]*action="{re.escape(path)}(?:\?[^"]*)?"(.*?)</form>', self.seen, re.S)
        return {name: html.unescape(value) for name, value in _HIDDEN.findall(form[1])} if form else {}

    def file(self, **changes: Any) -> str:
        """Fill in the form, wait until the ticket is ripe, send it; the receipt code, or what came instead."""
        self.get("/tips/new")
        self.clock.advance(timedelta(seconds=31))
        self.post("/tips/new", **(REPORT | changes))
        return self.code

    @property
    def code(self) -> str:
        """The receipt code on the last page; empty where none is shown."""
        return "".join(_GROUP.findall(self.seen))

    def open(self, code: str, passphrase: str = "") -> str:
        self.get("/tips/inbox")
        return self.post("/tips/inbox", receipt_code=code, passphrase=passphrase)

    def upload(self, content: bytes, name: str = "") -> str:
        return self.post("/tips/inbox/evidence", file=(io.BytesIO(content), "IMG_20261112_101530.jpg"), name=name)

    def _look(self, answer: TestResponse) -> str:
        self.seen, self.status = answer.text, answer.status_code
        return self.seen
