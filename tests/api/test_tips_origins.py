"""Two origins in one process: the tip line by its name, everything else by any other; no name is believed twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from backend.app import create_app
from backend.web.context import EXTENSION
from tests import tipping
from tests.api.house import House

MAIN, OWN = "ygb.example:8000", "report.example"
HERE = f"http://{OWN}"


@pytest.fixture(scope="module")
def app(whole_house: House) -> Iterator[Flask]:
    settings = whole_house.runtime.settings
    app = create_app(replace(settings, tips=replace(settings.tips, origin=HERE, shared_origin=False)))
    yield app
    at = app.extensions[EXTENSION]
    for database in (at.db, at.tips.db):
        database.dispose()
    at.redis.close()


def ask(app: Flask, path: str, host: str, method: str = "GET", **options: Any) -> TestResponse:
    headers = {"Host": host, "Cookie": "session=x; csrf=y"} | options.pop("headers", {})
    answer: TestResponse = app.test_client(use_cookies=False).open(path, method=method, headers=headers, **options)
    return answer


@pytest.mark.parametrize("path", ["/tips/new", "/tips/inbox", "/tips"])
def test_main_origin_leads_to_the_other_without_a_word_of_where_from(app: Flask, path: str) -> None:
    answer = ask(app, path, MAIN)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{HERE}{path}")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/api/v1/tips", "/api/v1/tips/inbox", "/api/v1/proofs", "/proofs"])
def test_main_origin_takes_no_report(app: Flask, path: str) -> None:
    answer = ask(app, path, MAIN, "POST", json=tipping.report())
    assert (answer.status_code, answer.data) == (303, b"")
    assert answer.headers["Location"] == f"{HERE}/tips/new"


@pytest.mark.parametrize(
    "path",
    ["/tips/%0d%0aX-Evil:%201", "/tips/..//evil.example", "/tips/\\evil.example", "/tips/%E4%B8%AD", "/tips/?a=b"],
)
def test_way_to_the_other_origin_leads_nowhere_else(app: Flask, path: str) -> None:
    answer = ask(app, path, MAIN)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{HERE}/tips/")
    assert "X-Evil" not in answer.headers
    assert "a=b" not in answer.headers["Location"]


@pytest.mark.parametrize(
    "host", ["evil.example", f"{OWN}.evil.example", f"{OWN}:81", f"x{OWN}", "", f"{OWN}@evil.example"]
)
def test_name_that_is_not_ours_is_the_main_app(app: Flask, host: str) -> None:
    answer = ask(app, "/api/v1/tips/challenge", host)
    assert (answer.status_code, answer.headers.get("Location")) == (303, f"{HERE}/tips/new")


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-Host", "X-Forwarded-Server"])
def test_forwarded_name_is_not_believed(app: Flask, name: str) -> None:
    value = f"host={OWN}" if name == "Forwarded" else OWN
    assert ask(app, "/api/v1/tips/challenge", MAIN, headers={name: value}).status_code == 303
    assert ask(app, "/api/v1/service-items", MAIN, headers={name: value}).status_code == 200
    answer = ask(app, "/api/v1/tips/challenge", OWN, headers={name: "evil.example"})
    assert (answer.status_code, b"evil" in answer.data) == (200, False)


def test_bare_name_leads_to_the_advice(app: Flask) -> None:
    answer = ask(app, "/", OWN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/tips")


@pytest.mark.parametrize(
    "path", ["/login", "/staff", "/staff/tips", "/api/v1/me", "/api/v1/staff/tips", "/metrics", "/dev/messages"]
)
def test_own_origin_has_nothing_of_the_house(app: Flask, path: str) -> None:
    answer = ask(app, path, OWN)
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_own_origin_takes_a_report(app: Flask) -> None:
    challenge = ask(app, "/api/v1/tips/challenge", OWN).json or {}
    answer = ask(app, "/api/v1/tips", OWN, "POST", json=tipping.report(altcha=tipping.solve(challenge)))
    assert answer.status_code == 201
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
