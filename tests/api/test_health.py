"""Health for machines, and the headers every answer carries."""

from __future__ import annotations

import re

import pytest

from tests.api.desk import problem
from tests.api.house import House


def test_process_and_dependencies_report(house: House) -> None:
    client = house.app.test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    ready = client.get("/readyz").json or {}
    assert ready["status"] == "ok"
    assert ready["checks"] == {"database": "ok", "broker": "ok", "storage": "ok", "tips": "ok"}


def test_numbers_are_prometheus_text_without_people(house: House) -> None:
    house.submitted()
    answer = house.app.test_client().get("/metrics")
    assert answer.mimetype == "text/plain"
    assert "yangguang_outbox_rows{" in answer.text
    assert "139" not in "".join(line for line in answer.text.splitlines() if "mobile" in line)


@pytest.mark.parametrize("path", ["/", "/api/v1/service-items", "/healthz", "/api/v1/me", "/no/such/page", "/login"])
def test_every_answer_is_locked_down(house: House, path: str) -> None:
    headers = house.app.test_client().get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Server" not in headers


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/.well-known/nothing", "/dev/nothing", "/api/v1/applications/x/y"]
)
def test_api_never_answers_in_html(house: House, path: str) -> None:
    assert problem(house.app.test_client().get(path))[0] == 404


def test_personal_answers_are_kept_by_no_cache(house: House) -> None:
    case = house.submitted()
    for path in ("", "/receipt.svg", "/looks"):
        assert case.call("GET", path).headers["Cache-Control"] == "no-store"


EVIL = ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example", "///x")


@pytest.mark.parametrize("evil", EVIL)
def test_next_goes_only_to_own_pages(house: House, evil: str) -> None:
    client = house.app.test_client()
    page = client.get("/login", query_string={"next": evil}).text
    kept = re.findall(r'name="next" value="([^"]*)"', page)
    assert kept
    switched = client.get("/mode", query_string={"care": "1", "next": evil})
    for address in (*kept, switched.headers["Location"]):
        assert re.fullmatch(r"/([a-z].*)?", address), address
