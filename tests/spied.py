"""Calling the tip line with everything a phone could give away planted, in process."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import MetaData, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from backend.db import Database
from tests import reporter, tipping, traces
from tests.reporter import WORDS

FILING, INBOX = "/api/v1/tips", "/api/v1/tips/inbox"
SPIED = {
    **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in reporter.HEADERS.items()},
    "REMOTE_ADDR": reporter.ADDRESS,
    "REMOTE_PORT": "50123",
    "REMOTE_USER": "xiaoming",
    "SSL_CLIENT_S_DN": "CN=xiaoming",
}
REPORT = {"target": reporter.TARGET, "text": WORDS["text"], "passphrase": WORDS["passphrase"]}
NEEDLES = traces.needles(WORDS, reporter.ADDRESSES)


def call(app: Flask, path: str = FILING, body: Any = None, method: str = "POST", **options: Any) -> TestResponse:
    """With everything a phone could give away."""
    options.setdefault("environ_overrides", SPIED)
    answer: TestResponse = app.test_client(use_cookies=False).open(path, method=method, json=body, **options)
    assert "Set-Cookie" not in answer.headers
    return answer


def report(app: Flask, **more: Any) -> dict[str, Any]:
    return tipping.report(**(REPORT | {"altcha": tipping.worked(app)} | more))


def filed(app: Flask, **more: Any) -> str:
    answer = call(app, body=report(app, **more))
    assert answer.status_code == 201, answer.text
    code: str = (answer.json or {})["receipt_code"]
    return code


def opened(app: Flask, code: str, passphrase: str = WORDS["passphrase"]) -> str:
    answer = call(app, INBOX, {"receipt_code": code, "passphrase": passphrase})
    assert answer.status_code == 200, answer.text
    token: str = (answer.json or {})["token"]
    return token


def contents(database: Database, metadata: MetaData) -> dict[str, list[str]]:
    """Every row of every table."""

    def rows(session: Session) -> dict[str, list[str]]:
        return {
            name: sorted(str(tuple(row)) for row in session.execute(select(table)))
            for name, table in metadata.tables.items()
        }

    with database.reading() as session:
        return rows(session)
