"""Signing in and out of the console."""

from __future__ import annotations

import pyotp
import pytest
from flask import Flask

from backend.accounts import demo, staff
from tests.h5.clerk import Clerk, address
from tests.h5.phone import hidden
from tests.people import Cast

NAME = {"username": "zhen", "password": demo.PASSWORD}


@pytest.fixture
def door(app: Flask, cast: Cast) -> Clerk:
    cast.run(demo.load, now=cast.clock())
    return Clerk(app)


def code(cast: Cast) -> str:
    url = cast.db.transact(staff.enrol_otp, cast.vault, username="zhen", issuer="yangguang", now=cast.clock())
    return str(pyotp.parse_uri(url).now())  # type: ignore[attr-defined]


def test_the_console_asks_strangers_to_sign_in(door: Clerk) -> None:
    assert door.get("/staff?view=mine").headers["Location"] == "/staff/login?next=/staff%3Fview%3Dmine"
    assert "动态口令" not in door.page("/staff/login")


def test_password_and_code_lead_back(door: Clerk, cast: Cast) -> None:
    answer = door.post("/staff/login", data=NAME, otp=code(cast), next=address("YG2611-AAAAAA"))
    assert answer.headers["Location"] == address("YG2611-AAAAAA")
    assert "待办 · 中心街街道办事处" in door.page("/staff")


def test_a_next_elsewhere_stays_here(door: Clerk, cast: Cast) -> None:
    answer = door.post("/staff/login", data=NAME, otp=code(cast), next="//evil.example/")
    assert answer.headers["Location"] == "/staff"


def test_a_right_password_alone_asks_for_the_code(door: Clerk, cast: Cast) -> None:
    code(cast)
    answer = door.post("/staff/login", data=NAME)
    assert answer.status_code == 401
    assert "还要动态口令" in answer.text
    assert 'value="zhen"' in answer.text
    assert demo.PASSWORD not in answer.text


@pytest.mark.parametrize("fields", [{}, {"username": "zhen"}, {**NAME, "otp": "12"}, {**NAME, "password": "x" * 200}])
def test_unfinished_forms_are_answered(door: Clerk, fields: dict[str, str]) -> None:
    assert door.post("/staff/login", data=fields).status_code == 422


def test_wrong_passwords_lock_with_the_same_words_for_unknown_names(door: Clerk) -> None:
    for name in ("zhen", "niemand"):
        answers = [door.post("/staff/login", username=name, password="x") for _ in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [423]
        assert "连续错 5 次会锁 15 分钟" in answers[0].text
        assert "锁 15 分钟" in answers[5].text
        assert int(answers[5].headers["Retry-After"]) > 800


def test_signing_in_again_goes_on_with_the_words(door: Clerk, cast: Cast) -> None:
    lost = door.post(address("YG2611-AAAAAA", "/decisions"), decision="reject", note="写了很久")
    kept = hidden(lost.text)["stash"]
    back = door.post("/staff/login", data=NAME, otp=code(cast), stash=kept)
    assert "写了很久" in back.text
    assert f'action="{address("YG2611-AAAAAA", "/decisions")}"' in back.text


def test_signing_out_ends_the_session_on_the_server(door: Clerk, cast: Cast) -> None:
    door.sit_down(cast.reviewers["town"].id)
    cookie = door.client.get_cookie("yg_staff")
    assert cookie is not None
    assert door.post("/staff/logout").headers["Location"] == "/staff/login?left=1"
    door.client.set_cookie("yg_staff", cookie.value)
    assert door.get("/staff").status_code == 303


def test_forms_without_their_csrf_value_do_nothing(door: Clerk, cast: Cast) -> None:
    door.sit_down(cast.reviewers["town"].id)
    assert door.post("/staff/login", bare=True, **NAME).status_code == 403
    assert door.post("/staff/next", bare=True).status_code == 403


def test_the_two_kinds_of_account_do_not_mix(door: Clerk, cast: Cast) -> None:
    door.enter(cast.resident("王㐂", 7))
    assert door.get("/staff").status_code == 303
