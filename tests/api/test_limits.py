"""How often one account may call: counted per account, and only slowed for the one that floods."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.app import create_app
from config.settings import Settings
from tests.api.desk import OTHER, Desk, problem


@pytest.fixture
def desk(settings: Settings) -> Desk:
    few = replace(settings, limits=replace(settings.limits, calls_per_account_minute=40))
    return Desk(create_app(few))


def test_a_flood_of_one_account_is_slowed_and_others_are_not(desk: Desk) -> None:
    other = Desk(desk.app)
    desk.sign_in()
    other.sign_in(OTHER)
    answers = [desk.call("GET", "/me") for _ in range(90)]  # two minutes of the clock at most
    late = [answer for answer in answers if answer.status_code != 200]
    assert late
    assert {problem(answer) for answer in late} == {(429, "too_many_requests")}
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in late)
    assert other.call("GET", "/me").status_code == 200


def test_two_processes_count_together(desk: Desk, settings: Settings) -> None:
    """The second app stands for a second process: what the first told Redis counts there too."""
    desk.sign_in()
    for _ in range(60):
        desk.call("GET", "/me")
    keys = list(desk.runtime.redis.keys("calls:resident:*"))
    assert sum(int(desk.runtime.redis.get(key) or 0) for key in keys) >= 40


def test_an_expired_or_revoked_token_is_refused_although_it_was_checked_before(desk: Desk) -> None:
    desk.sign_in()
    assert desk.call("GET", "/me").status_code == 200
    desk.call("POST", "/auth/logout", {})
    assert problem(desk.call("GET", "/me")) == (401, "unauthenticated")
