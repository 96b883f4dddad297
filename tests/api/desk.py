"""A client of the API that can read the short messages it was sent."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from backend.accounts import demo, queries
from backend.models.session import SmsCode
from backend.runtime import Runtime
from backend.web.context import EXTENSION

MOBILE, OTHER = "13800000021", "13800000022"


class Desk:
    """One phone: ``token`` is sent as Bearer once it is there."""

    def __init__(self, app: Flask) -> None:
        self.app, self.token = app, ""
        self.client = app.test_client(use_cookies=False)

    @property
    def runtime(self) -> Runtime:
        runtime: Runtime = self.app.extensions[EXTENSION]
        return runtime

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None:
            options["json"] = body
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)

    def code(self, mobile: str = MOBILE, **options: Any) -> str:
        """Ask for a code and read it."""
        answer = self.call("POST", "/auth/sms-codes", {"mobile": mobile}, **options)
        assert answer.status_code == 202, answer.text
        now = self.runtime.clock()
        with self.runtime.db.reading() as session:
            newest = session.scalars(select(SmsCode.id).order_by(SmsCode.id.desc()).limit(1)).one()
            found = queries.sms_code(session, self.runtime.vault, newest, now)
        assert found is not None
        return found[1]

    def sign_in(self, mobile: str = MOBILE) -> dict[str, Any]:
        answer = self.call("POST", "/auth/sms", {"mobile": mobile, "code": self.code(mobile)})
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json or {}
        self.token = tokens["access_token"]
        return tokens

    def staff(self, username: str = "zhen", password: str = demo.PASSWORD, **options: Any) -> TestResponse:
        return self.call("POST", "/staff/auth", {"username": username, "password": password}, **options)


def problem(answer: TestResponse) -> tuple[int, str]:
    """Status and code of a refusal, which is always problem details."""
    assert answer.mimetype == "application/problem+json", answer.text
    return answer.status_code, (answer.json or {})["code"]
