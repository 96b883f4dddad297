"""Filing tips in tests as a program does: a sum solved, a report sent, the mailbox opened."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from backend.models.tip import Tip
from backend.tips_runtime import TipsRuntime
from backend.web.context import EXTENSION

TEXT = "二楼的房间周末有人用机器给人看男女"
TARGET = {"kind": "institution", "name": "某诊所", "region": "370402001", "contacts": ["13800000000"]}


def line(app: Flask) -> TipsRuntime:
    """The tip line beside an app."""
    found: TipsRuntime = app.extensions[EXTENSION].tips
    return found


def call(app: Flask, method: str, path: str, body: Any = None, *, token: str | None = None, **options: Any) -> Any:
    """One request to ``/api/v1/tips…``."""
    headers = {"Tip-Token": token} if token is not None else {}
    if body is not None:
        options["json"] = body
    return app.test_client().open(f"/api/v1/tips{path}", method=method, headers=headers, **options)


def solve(challenge: dict[str, Any]) -> str:
    """The answer to a challenge, as ``altcha`` takes it."""
    tries = range(challenge["maxnumber"] + 1)
    found = next(n for n in tries if _digest(challenge["salt"], n) == challenge["challenge"])
    answer = {name: value for name, value in challenge.items() if name != "maxnumber"} | {"number": found}
    return base64.b64encode(json.dumps(answer).encode()).decode()


def worked(app: Flask) -> str:
    """A fresh challenge, solved."""
    return solve(call(app, "GET", "/challenge").json)


def report(**more: Any) -> dict[str, Any]:
    """A report without its work."""
    return {"target": TARGET, "category": "sex_determination", "text": TEXT, **more}


def send(app: Flask, **more: Any) -> TestResponse:
    answer: TestResponse = call(app, "POST", "", report(altcha=worked(app), **more))
    return answer


def filed(app: Flask, **more: Any) -> dict[str, Any]:
    """Code and proof of a report that was taken."""
    answer = send(app, **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json or {})


def proof(app: Flask, body: dict[str, Any]) -> dict[str, Any]:
    answer = app.test_client().post("/api/v1/proofs", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def rows(app: Flask, kind: Any) -> list[Any]:
    """Every row of a table of the tip line."""
    with line(app).db.reading() as session:
        return list(session.scalars(select(kind)))


def set_status(app: Flask, status: str) -> None:
    """Put every tip into a status, where the way there is another test's."""
    line(app).db.transact(lambda session: session.execute(update(Tip).values(status=status)))


def _digest(salt: str, number: int) -> str:
    return hashlib.sha256(f"{salt}{number}".encode()).hexdigest()
