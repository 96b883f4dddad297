"""Signing in and out over the API: what people, phones and attackers send."""

from __future__ import annotations

import time

import jwt
import pyotp
import pytest
from flask.testing import FlaskClient
from redis import Redis

from backend.accounts import demo, door, staff
from backend.app import create_app
from backend.kernel.clock import system_clock
from backend.web import sessions
from config.settings import Settings
from tests.api.desk import MOBILE, OTHER, Desk, problem


@pytest.fixture
def desk(settings: Settings) -> Desk:
    return Desk(create_app(settings))


@pytest.fixture
def staffed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(door.policy, "delay", lambda wrong: 0.0)
    desk.runtime.db.transact(demo.load, desk.runtime.clock())
    return desk


def test_sign_in_gives_tokens_and_the_person(desk: Desk) -> None:
    tokens = desk.sign_in()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    assert tokens["resident"]["mobile"] == "138****0021"
    assert desk.call("GET", "/me").status_code == 200


def test_code_request_answers_the_same_for_every_number(desk: Desk) -> None:
    desk.sign_in()
    desk.token = ""
    answers = [desk.call("POST", "/auth/sms-codes", {"mobile": mobile}) for mobile in (MOBILE, OTHER)]
    assert {(a.status_code, a.data) for a in answers} == {(202, answers[0].data)}


@pytest.mark.parametrize("body", [{}, {"mobile": 13800000021}, {"mobile": "1380000002"}, {"mobile": "13800000021\n"}])
def test_code_request_with_a_wrong_number_is_422_without_echo(desk: Desk, body: dict[str, object]) -> None:
    answer = desk.call("POST", "/auth/sms-codes", body)
    assert problem(answer) == (422, "invalid_input")
    assert "1380000002" not in answer.text
    assert "mobile" in (answer.json or {})["errors"]


def test_number_and_code_in_full_width_are_understood(desk: Desk) -> None:
    wide = {digit: chr(ord(digit) + 0xFEE0) for digit in "0123456789"}
    code = desk.code(MOBILE)
    body = {"mobile": "".join(wide[d] for d in MOBILE), "code": "".join(wide[d] for d in code)}
    assert desk.call("POST", "/auth/sms", body).status_code == 200


@pytest.mark.parametrize("sent", [True, False])
def test_sixth_wrong_code_is_429_with_retry_after(desk: Desk, sent: bool) -> None:
    code = desk.code() if sent else "123456"
    wrong = {"mobile": MOBILE, "code": f"{(int(code) + 1) % 10**6:06d}"}
    assert {problem(desk.call("POST", "/auth/sms", wrong)) for _ in range(5)} == {(401, "wrong_code")}
    answer = desk.call("POST", "/auth/sms", wrong)
    assert problem(answer) == (429, "too_many_tries")
    assert 0 < int(answer.headers["Retry-After"]) <= 300


def test_sixth_code_of_an_hour_is_429_whatever_address_is_claimed(desk: Desk) -> None:
    for number in range(5):
        desk.code(headers={"X-Forwarded-For": f"192.0.2.{number}"})
    answer = desk.call("POST", "/auth/sms-codes", {"mobile": MOBILE}, headers={"X-Forwarded-For": "192.0.2.9"})
    assert problem(answer) == (429, "too_many_codes")
    assert "Retry-After" in answer.headers


def test_refresh_rotates_and_reuse_ends_the_family(desk: Desk) -> None:
    first = desk.sign_in()
    second = desk.call("POST", "/auth/refresh", {"refresh_token": first["refresh_token"]}).json or {}
    desk.token = second["access_token"]
    assert desk.call("GET", "/me").status_code == 200
    reused = desk.call("POST", "/auth/refresh", {"refresh_token": first["refresh_token"]})
    assert problem(reused) == (401, "refresh_reused")
    assert problem(desk.call("GET", "/me")) == (401, "unauthenticated")
    dead = desk.call("POST", "/auth/refresh", {"refresh_token": second["refresh_token"]})
    assert problem(dead) == (401, "session_ended")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "0000000000000.1.0"])
def test_refresh_with_another_token_is_401(desk: Desk, token: str) -> None:
    assert problem(desk.call("POST", "/auth/refresh", {"refresh_token": token})) == (401, "session_ended")


def test_refresh_with_an_access_token_is_401(desk: Desk) -> None:
    tokens = desk.sign_in()
    answer = desk.call("POST", "/auth/refresh", {"refresh_token": tokens["access_token"]})
    assert problem(answer) == (401, "session_ended")


def test_sign_out_ends_the_session_also_after_redis_was_wiped(desk: Desk, redis_url: str) -> None:
    desk.sign_in()
    assert desk.call("POST", "/auth/logout").status_code == 204
    with Redis.from_url(redis_url) as redis:
        redis.flushall()
    assert problem(desk.call("GET", "/me")) == (401, "unauthenticated")


def test_sign_out_by_refresh_token_ends_the_session(desk: Desk) -> None:
    tokens = desk.sign_in()
    desk.token, access = "", desk.token
    assert desk.call("POST", "/auth/logout", {"refresh_token": tokens["refresh_token"]}).status_code == 204
    desk.token = access
    assert desk.call("GET", "/me").status_code == 401


def test_sign_out_without_any_token_is_401(desk: Desk) -> None:
    assert problem(desk.call("POST", "/auth/logout")) == (401, "session_ended")


def forged(desk: Desk, how: str) -> str:
    key, token = desk.runtime.settings.secrets.session_key, desk.token
    claims = jwt.decode(token, key, algorithms=["HS256"])
    if how == "none":
        return jwt.encode(claims, None, algorithm="none")
    if how == "kid":
        return jwt.encode(claims, b"x" * 32, algorithm="HS256", headers={"kid": "../../dev/null"})
    if how == "old":
        return jwt.encode({**claims, "exp": int(time.time()) - 1}, key, algorithm="HS256")
    return token[:-2] + ("AA" if token[-2:] != "AA" else "BB")


@pytest.mark.parametrize("how", ["none", "kid", "old", "changed"])
def test_forged_or_old_access_token_is_401(desk: Desk, how: str) -> None:
    desk.sign_in()
    desk.token = forged(desk, how)
    answer = desk.call("GET", "/me")
    assert problem(answer) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def with_cookies(desk: Desk, access: str, refresh: str) -> FlaskClient:
    browser = desk.app.test_client()
    for name, value in zip(sessions.names("resident"), (access, refresh), strict=True):
        browser.set_cookie(name, value)
    return browser


def test_cookie_post_without_csrf_is_403(desk: Desk) -> None:
    tokens = desk.sign_in()
    browser = with_cookies(desk, tokens["access_token"], tokens["refresh_token"])
    assert browser.get("/api/v1/me").status_code == 200
    assert problem(browser.post("/api/v1/me/export")) == (403, "csrf")
    assert problem(browser.patch("/api/v1/me", json={"care_mode": True})) == (403, "csrf")


def test_two_tabs_with_an_old_access_cookie_stay_signed_in(desk: Desk) -> None:
    tokens = desk.sign_in()
    tabs = [with_cookies(desk, "", tokens["refresh_token"]) for _ in range(2)]
    answers = [tab.get("/api/v1/me") for tab in tabs]
    assert [answer.status_code for answer in answers] == [200, 200]
    kept = [{c.split("=")[0]: c for c in a.headers.getlist("Set-Cookie")}["yg_resident_refresh"] for a in answers]
    assert kept[0].split(";")[0] == kept[1].split(";")[0]
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in kept)


def test_reused_refresh_cookie_ends_the_family_and_the_cookies(desk: Desk) -> None:
    first = desk.sign_in()["refresh_token"]
    second = (desk.call("POST", "/auth/refresh", {"refresh_token": first}).json or {})["refresh_token"]
    third = desk.call("POST", "/auth/refresh", {"refresh_token": second}).json or {}
    answer = with_cookies(desk, "", first).get("/api/v1/me")
    assert answer.status_code == 401
    assert any(c.startswith("yg_resident_refresh=;") for c in answer.headers.getlist("Set-Cookie"))
    desk.token = third["access_token"]
    assert desk.call("GET", "/me").status_code == 401


def test_staff_token_opens_no_resident_endpoint_and_the_other_way_round(staffed: Desk) -> None:
    staffed.sign_in()
    assert staffed.call("GET", "/staff/applications").status_code == 401
    staffed.token = (staffed.staff().json or {})["access_token"]
    assert staffed.call("GET", "/me").status_code == 401


def test_staff_sign_in_gives_the_post(staffed: Desk) -> None:
    answer = staffed.staff("xian")
    assert answer.status_code == 200
    assert (answer.json or {})["staff"]["region"] == "370402000000"


def test_sixth_wrong_password_is_423_the_same_for_unknown_names(staffed: Desk) -> None:
    seen = []
    for username in ("zhen", "nobody"):
        answers = [staffed.staff(username, "wrong") for _ in range(6)]
        seen.append([(problem(a), (a.json or {})["title"]) for a in answers])
    assert seen[0] == seen[1]
    assert [status for (status, _), _ in seen[0]] == [401] * 5 + [423]


def test_lock_leaves_other_addresses_alone_and_ignores_claimed_ones(staffed: Desk) -> None:
    for number in range(5):
        staffed.staff("zhen", "wrong", headers={"X-Forwarded-For": f"192.0.2.{number}"})
    assert problem(staffed.staff()) == (423, "locked")
    assert staffed.staff(environ_base={"REMOTE_ADDR": "192.0.2.77"}).status_code == 200


def test_megabyte_password_is_422_before_hashing(staffed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door.passwords, "matches", lambda *_: pytest.fail("hashed"))
    answer = staffed.staff("zhen", "x" * 2**20)
    assert problem(answer) == (422, "invalid_input")
    assert "xxx" not in answer.text


def test_second_factor_replayed_is_401(staffed: Desk) -> None:
    at = staffed.runtime
    url = at.db.transact(staff.enrol_otp, at.vault, username="zhen", issuer="yangguang", now=at.clock())
    body = {"username": "zhen", "password": demo.PASSWORD}
    assert problem(staffed.call("POST", "/staff/auth", body)) == (401, "otp_required")
    body["otp"] = pyotp.parse_uri(url).now()  # type: ignore[attr-defined]
    assert staffed.call("POST", "/staff/auth", body).status_code == 200
    assert problem(staffed.call("POST", "/staff/auth", body)) == (401, "wrong_password")


def test_disabled_staff_are_out_at_once(staffed: Desk) -> None:
    staffed.token = (staffed.staff().json or {})["access_token"]
    assert staffed.call("GET", "/staff/applications").status_code == 200
    at = staffed.runtime
    at.db.transact(staff.set_active, username="zhen", active=False, now=at.clock(), at=system_clock())
    assert staffed.call("GET", "/staff/applications").status_code == 401


@pytest.mark.parametrize(
    ("data", "mimetype", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 90_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'{"mobile":{"a":1}}', "application/json", 422),
        (b'{"mobile":"1","mobile":"2"}', "application/json", 400),
        (b'{"mobile":"13800000021\\u0000"}', "application/json", 422),
        (b'{"mobile":"\\ud800"}', "application/json", 422),
        (b'{"mobile":NaN}', "application/json", 422),
        (b"mobile=1", "text/plain", 415),
        ('{"mobile":"号"}'.encode("gbk"), "application/json", 400),
        (b'{"mobile":"13800000021","role":"admin"}', "application/json", 422),
    ],
)
def test_body_that_is_not_what_we_ask_is_refused_in_words(desk: Desk, data: bytes, mimetype: str, status: int) -> None:
    answer = desk.call("POST", "/auth/sms-codes", data=data, content_type=mimetype)
    assert problem(answer)[0] == status
