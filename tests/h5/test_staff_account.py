"""The own account of staff: first steps outside the demo, second factor, recovery codes, sessions."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from backend.accounts import demo
from backend.app import create_app
from backend.models.staff import Staff
from backend.runtime import build_runtime
from config.settings import Settings
from tests.clock import MovableClock
from tests.h5.clerk import Clerk
from tests.h5.phone import hidden
from tests.people import Cast

NAME = {"username": "zhen", "password": demo.PASSWORD}
SECRET = re.compile(r"<b><code>([A-Z2-7 ]+)</code></b>")
CODE = re.compile(r"<code>([A-Z0-9]{5}-[A-Z0-9]{5})</code>")


@pytest.fixture
def clerk(app: Flask, cast: Cast) -> Clerk:
    """zhen at the console of the demo."""
    cast.run(demo.load, now=cast.clock())
    return Clerk(app).sit_down(zhen(cast))


@pytest.fixture
def strict(sqlite_settings: Settings, clock: MovableClock, cast: Cast) -> Clerk:
    """Outside the demo, on the same database, nobody signed in."""
    cast.run(demo.load, now=cast.clock())
    runtime = replace(build_runtime(sqlite_settings), clock=clock)
    return Clerk(create_app(sqlite_settings, replace(runtime, settings=replace(sqlite_settings, profile="production"))))


def zhen(cast: Cast) -> int:
    with cast.db.reading() as session:
        return session.scalars(select(Staff.id).where(Staff.username == "zhen")).one()


def bind(clerk: Clerk, **more: str) -> tuple[pyotp.TOTP, list[str]]:
    """Scan, confirm, and read the recovery codes."""
    page = clerk.page("/staff/account/second-factor")
    totp = pyotp.TOTP(SECRET.findall(page)[0].replace(" ", ""))
    answer = clerk.post("/staff/account/second-factor", data={**hidden(page), "code": totp.now(), **more})
    assert answer.status_code == 200, answer.text
    return totp, CODE.findall(answer.text)


def test_account_shows_what_there_is(clerk: Clerk) -> None:
    page = clerk.page("/staff/account")
    assert "没有绑定" in page
    assert "正在用" in page


def test_account_is_for_every_role_and_no_stranger(clerk: Clerk, cast: Cast) -> None:
    for username in ("cun", "zhan", "hecha", "admin"):
        with cast.db.reading() as session:
            who = session.scalars(select(Staff.id).where(Staff.username == username)).one()
        assert "正在用" in Clerk(clerk.app).sit_down(who).page("/staff/account")
    assert Clerk(clerk.app).get("/staff/account").status_code == 303


def test_outside_the_demo_nothing_opens_before_a_factor_is_bound(strict: Clerk) -> None:
    assert strict.post("/staff/login", data=NAME).status_code == 303
    for path in ("/staff", "/staff/applications/YG2611-AAAAAA"):
        assert strict.get(path).headers["Location"] == "/staff/account"
    assert strict.post("/staff/next").status_code == 403
    assert "还差一步" in strict.page("/staff/account")
    token = strict.client.get_cookie("yg_staff")
    assert token is not None
    answer = strict.app.test_client().get(
        "/api/v1/staff/applications", headers={"Authorization": f"Bearer {token.value}"}
    )
    assert (answer.status_code, (answer.json or {})["code"]) == (403, "otp_enrolment_required")
    _totp, codes = bind(strict)
    assert len(codes) == 10
    assert "待办" in strict.page("/staff")


def test_outside_the_demo_a_bound_phone_is_asked_for(strict: Clerk) -> None:
    strict.post("/staff/login", data=NAME)
    _totp, codes = bind(strict)
    again = Clerk(strict.app)
    assert again.post("/staff/login", data=NAME).status_code == 401
    assert again.post("/staff/login", data=NAME, otp=codes[0].lower()).status_code == 303
    assert Clerk(strict.app).post("/staff/login", data=NAME, otp=codes[0]).status_code == 401
    assert "还有 9 个" in again.page("/staff/account")


def test_api_outside_the_demo_asks_to_bind_first(strict: Clerk) -> None:
    answer = strict.client.post("/api/v1/staff/auth", json=NAME)
    assert (answer.status_code, (answer.json or {})["code"]) == (403, "otp_enrolment_required")


def test_wrong_code_keeps_the_secret_of_the_form(clerk: Clerk) -> None:
    page = clerk.page("/staff/account/second-factor")
    secret = SECRET.findall(page)[0]
    again = clerk.post("/staff/account/second-factor", data={**hidden(page), "code": "12"})
    assert again.status_code == 422
    assert SECRET.findall(again.text) == [secret]
    lost = clerk.post("/staff/account/second-factor", pending="junk", code="123456")
    assert lost.status_code == 422


def test_another_phone_needs_the_password(clerk: Clerk) -> None:
    bind(clerk)
    page = clerk.page("/staff/account/second-factor")
    totp = pyotp.TOTP(SECRET.findall(page)[0].replace(" ", ""))
    given = {**hidden(page), "code": totp.now()}
    assert clerk.post("/staff/account/second-factor", data=given).status_code == 422
    assert clerk.post("/staff/account/second-factor", data={**given, "password": demo.PASSWORD}).status_code == 200


def test_new_recovery_codes_need_the_password_and_a_double_tap_shows_the_same(clerk: Clerk) -> None:
    _, old = bind(clerk)
    form = hidden(clerk.page("/staff/account/recovery-codes"))
    assert clerk.post("/staff/account/recovery-codes", data={**form, "password": "x"}).status_code == 422
    first, second = (
        CODE.findall(clerk.post("/staff/account/recovery-codes", data={**form, "password": demo.PASSWORD}).text)
        for _ in range(2)
    )
    assert first == second
    assert not set(first) & set(old)


def test_wrong_passwords_lock_here_too(clerk: Clerk) -> None:
    form = {"password": "x", "new_password": "vier Wörter im Ofen", "again": "vier Wörter im Ofen"}
    answers = [clerk.post("/staff/account/password", data=form).status_code for _ in range(6)]
    assert answers == [422] * 5 + [423]


@pytest.mark.parametrize(
    ("new", "word"), [("kurz", "10"), (demo.PASSWORD, "一样"), ("hallo-ZHEN-hallo", "账号名"), ("x" * 200, "128")]
)
def test_weak_passwords_are_refused_in_words(clerk: Clerk, new: str, word: str) -> None:
    form = {"password": demo.PASSWORD, "new_password": new, "again": new}
    answer = clerk.post("/staff/account/password", data=form)
    assert answer.status_code == 422
    assert word in html.unescape(answer.text)


def test_sessions_end_one_by_one_or_all(clerk: Clerk, cast: Cast) -> None:
    others = [Clerk(clerk.app).sit_down(zhen(cast)) for _ in range(2)]
    page = clerk.page("/staff/account")
    ends = re.findall(r"/staff/account/sessions/([0-9a-z]{13})/end", page)
    assert len(ends) == 2
    assert clerk.post(f"/staff/account/sessions/{ends[0]}/end").status_code == 303
    assert clerk.post(f"/staff/account/sessions/{ends[0]}/end").status_code == 404
    assert sorted(one.get("/staff").status_code for one in others) == [200, 303]
    assert clerk.post("/staff/account/sessions/end-others").status_code == 303
    assert [one.get("/staff").status_code for one in others] == [303, 303]
    assert clerk.get("/staff").status_code == 200
