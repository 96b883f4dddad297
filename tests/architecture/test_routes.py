"""Every address has a guard that was chosen for it."""

from __future__ import annotations

import pytest
from flask import Flask

from backend.web import guards
from ops.openapi import fresh_app


@pytest.fixture(scope="module")
def app() -> Flask:
    with fresh_app() as app:
        return app


def blueprint(endpoint: str) -> str:
    return endpoint.rpartition(".")[0]


def test_every_route_belongs_to_a_guarded_blueprint(app: Flask) -> None:
    known = app.extensions["yangguang_guards"]
    assert sorted(r.rule for r in app.url_map.iter_rules() if blueprint(r.endpoint) not in known) == []


def test_every_guard_runs_before_its_blueprint(app: Flask) -> None:
    for name, guard in app.extensions["yangguang_guards"].items():
        assert getattr(guards, guard) in app.before_request_funcs[name]


def test_staff_routes_are_guarded_for_staff(app: Flask) -> None:
    known = app.extensions["yangguang_guards"]
    staff = [
        r for r in app.url_map.iter_rules() if "/staff/" in r.rule and "auth" not in r.rule and "login" not in r.rule
    ]
    assert staff
    assert (
        sorted(
            {
                (r.rule, known[blueprint(r.endpoint)])
                for r in staff
                if known[blueprint(r.endpoint)] in ("anyone", "resident")
            }
        )
        == []
    )
