"""A phone with a browser that has no JavaScript: it keeps cookies, follows links, fills in forms."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from backend.accounts import queries, sessions
from backend.kernel.clock import system_clock
from backend.models.session import SmsCode
from backend.runtime import Runtime
from backend.web import csrf, tokens
from backend.web.context import EXTENSION

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


class Phone:
    """``post`` adds the CSRF value of the phone's own cookie unless ``bare``."""

    def __init__(self, app: Flask) -> None:
        self.app, self.client = app, app.test_client()

    @property
    def runtime(self) -> Runtime:
        runtime: Runtime = self.app.extensions[EXTENSION]
        return runtime

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def page(self, path: str) -> str:
        """The text of a page that must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:200]}"
        return answer.text

    def post(self, path: str, *, bare: bool = False, **fields: Any) -> TestResponse:
        """Post a form; ``{"born_on.y": …}`` goes through ``fields`` as a mapping under ``data``."""
        data = {**fields.pop("data", {}), **fields}
        if not bare:
            data.setdefault("csrf_token", self.csrf())
        return self.client.post(path, data=data)

    def csrf(self) -> str:
        """The value of the cookie, which any page with a form sets."""
        if self.client.get_cookie(csrf.COOKIE) is None:
            self.get("/verify")
        cookie = self.client.get_cookie(csrf.COOKIE)
        assert cookie is not None
        return cookie.value

    def choose(self, name: str, value: str) -> Phone:
        self.client.set_cookie(name, value)
        return self

    def enter(self, resident: int) -> Phone:
        """A session of this account, without the detour over a text message."""
        at = self.runtime
        key = at.settings.secrets.session_key
        pair = at.db.transact(sessions.begin, key=key, kind="resident", account_id=resident, at=system_clock())
        with self.app.app_context():
            self.client.set_cookie("yg_resident", tokens.access(pair.session))
        self.client.set_cookie("yg_resident_refresh", pair.refresh)
        return self

    def leave(self) -> None:
        """As when the session ended while a form was open."""
        for name in ("yg_resident", "yg_resident_refresh"):
            self.client.delete_cookie(name)

    def code(self) -> str:
        """The code in the newest text message."""
        at = self.runtime
        with at.db.reading() as session:
            newest = session.scalars(select(SmsCode.id).order_by(SmsCode.id.desc()).limit(1)).one()
            found = queries.sms_code(session, at.vault, newest, at.clock())
        assert found is not None
        return found[1]


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page; of several with one name the last."""
    return {unescape(name): unescape(value) for name, value in HIDDEN.findall(page)}
