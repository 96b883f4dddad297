"""Signing in with WeChat and binding it, as programs and attackers do, against WeChat's protocol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.accounts import wechat as accounts
from backend.app import create_app
from backend.runtime import build_runtime
from config.settings import Settings
from standins.wechat import StandIn
from tests.api.desk import MOBILE, OTHER, Desk, problem
from tests.clock import MovableClock
from tests.wechat_door import OPENID, OTHERS, code, joined, told


@pytest.fixture
def world(settings: Settings, clock: MovableClock) -> Iterator[tuple[StandIn, Desk]]:
    with joined(settings) as (wechat, with_account):
        yield wechat, Desk(create_app(with_account, replace(build_runtime(with_account), clock=clock)))


@pytest.fixture
def wechat(world: tuple[StandIn, Desk]) -> StandIn:
    return world[0]


@pytest.fixture
def desk(world: tuple[StandIn, Desk]) -> Desk:
    return world[1]


def enter(desk: Desk, code: str) -> tuple[int, dict[str, object]]:
    answer = desk.call("POST", "/auth/wechat", {"code": code})
    return answer.status_code, answer.json or {}


def waiting(desk: Desk, wechat: StandIn, openid: str = OPENID) -> str:
    """The word of a WeChat that no account has."""
    status, body = enter(desk, code(wechat, openid))
    assert (status, body["code"]) == (409, "wechat_unbound")
    return str(body["binding"])


def sign_in(desk: Desk, mobile: str = MOBILE, word: str | None = None) -> dict[str, object]:
    clock = desk.runtime.clock
    assert isinstance(clock, MovableClock)
    clock.advance(timedelta(seconds=1))
    body = {"mobile": mobile, "code": desk.code(mobile)} | ({"wechat": word} if word is not None else {})
    answer = desk.call("POST", "/auth/sms", body)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json or {}
    desk.token = str(found["access_token"])
    return found


def bind(desk: Desk, wechat: StandIn, openid: str = OPENID) -> int:
    return desk.call("PUT", "/me/wechat", {"code": code(wechat, openid)}).status_code


def test_unknown_wechat_is_bound_while_signing_in_and_then_signs_in_alone(desk: Desk, wechat: StandIn) -> None:
    first = sign_in(desk, word=waiting(desk, wechat))
    assert first["wechat_bound"] is True
    desk.token = ""
    status, second = enter(desk, code(wechat))
    assert (status, second["token_type"], second["resident"]) == (200, "Bearer", first["resident"])
    desk.token = str(second["access_token"])
    assert desk.call("GET", "/me").status_code == 200


def test_word_of_a_wechat_binds_once(desk: Desk, wechat: StandIn) -> None:
    word = waiting(desk, wechat)
    assert sign_in(desk, word=word)["wechat_bound"] is True
    assert desk.call("DELETE", "/me/wechat").status_code == 204
    assert sign_in(desk, OTHER, word)["wechat_bound"] is False
    assert enter(desk, code(wechat))[0] == 409


def test_word_of_a_wechat_is_over_after_ten_minutes_and_the_person_comes_in_anyway(
    desk: Desk, wechat: StandIn, clock: MovableClock
) -> None:
    word = waiting(desk, wechat)
    clock.advance(timedelta(minutes=10))
    assert sign_in(desk, word=word)["wechat_bound"] is False


@pytest.mark.parametrize("word", ["", "x", "v1|k1|AAAA|BBBB", "v1|k1|", "||||", "v2|k1|AAAA|AAAA", "号" * 100])
def test_forged_word_of_a_wechat_binds_nothing(desk: Desk, word: str) -> None:
    assert sign_in(desk, word=word)["wechat_bound"] is False
    assert (desk.call("GET", "/me/wechat").json or {})["bound"] is False


def test_wrong_sms_code_leaves_the_word_good(desk: Desk, wechat: StandIn) -> None:
    word = waiting(desk, wechat)
    wrong = f"{(int(desk.code()) + 1) % 10**6:06d}"
    assert problem(desk.call("POST", "/auth/sms", {"mobile": MOBILE, "code": wrong, "wechat": word}))[0] == 401
    assert sign_in(desk, word=word)["wechat_bound"] is True


def test_helper_never_takes_the_place_of_the_wechat_that_is_bound(desk: Desk, wechat: StandIn) -> None:
    sign_in(desk, word=waiting(desk, wechat))
    assert sign_in(desk, MOBILE, waiting(desk, wechat, OTHERS))["wechat_bound"] is False
    assert enter(desk, code(wechat))[0] == 200
    assert enter(desk, code(wechat, OTHERS))[0] == 409


def test_code_that_was_used_is_401(desk: Desk, wechat: StandIn) -> None:
    once = code(wechat)
    enter(desk, once)
    status, body = enter(desk, once)
    assert (status, body["code"]) == (401, "wrong_code")


@pytest.mark.parametrize("value", ["x", "号", "a b", "0" * 128])
def test_code_of_nobody_is_401(desk: Desk, value: str) -> None:
    assert enter(desk, value)[0] == 401


@pytest.mark.parametrize("body", [{}, {"code": None}, {"code": 1}, {"code": "x" * 129}, {"code": "x", "more": 1}])
def test_body_without_a_code_is_422(desk: Desk, body: dict[str, object]) -> None:
    assert problem(desk.call("POST", "/auth/wechat", body)) == (422, "invalid_input")


def test_snapshot_of_a_page_is_refused_with_what_to_do(desk: Desk, wechat: StandIn) -> None:
    status, body = enter(desk, code(wechat, snapshot=True))
    assert (status, body["code"]) == (403, "wechat_snapshot")
    assert "使用完整服务" in str(body["title"])


@pytest.mark.parametrize(
    "fault", [{"errcode": -1}, {"errcode": 45011}, {"errcode": 40013}, {"broken": True}, {"reset": True}]
)
def test_wechat_out_of_order_is_503_and_the_phone_still_works(
    desk: Desk, wechat: StandIn, fault: dict[str, object]
) -> None:
    told(wechat, path="oauth2/access_token", **fault)
    answer = desk.call("POST", "/auth/wechat", {"code": code(wechat)})
    assert problem(answer) == (503, "wechat_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert sign_in(desk)["wechat_bound"] is False


def test_installation_without_wechat_says_so(settings: Settings) -> None:
    desk = Desk(create_app(settings))
    assert problem(desk.call("POST", "/auth/wechat", {"code": "x"})) == (503, "wechat_off")
    desk.sign_in()
    assert desk.call("GET", "/me/wechat").json == {"available": False, "bound": False, "bound_at": None, "credits": []}


def test_many_codes_from_one_address_are_429(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.accounts.door.policy.WECHAT_CODES", 2)
    assert [enter(desk, "x")[0] for _ in range(3)] == [401, 401, 429]


def test_own_wechat_is_bound_shown_and_let_go(desk: Desk, wechat: StandIn) -> None:
    desk.sign_in()
    assert bind(desk, wechat) == 200
    card = desk.call("GET", "/me/wechat").json or {}
    assert (card["available"], card["bound"], card["bound_at"][:10]) == (True, True, "2026-11-23")
    assert {one["template"]: one["left"] for one in card["credits"]} == {
        "todo": 0,
        "visit": 0,
        "result": 0,
        "progress": 0,
    }
    assert [desk.call("DELETE", "/me/wechat").status_code for _ in range(2)] == [204, 204]
    assert (desk.call("GET", "/me/wechat").json or {})["bound"] is False


def test_binding_twice_is_once_and_another_wechat_replaces_it(desk: Desk, wechat: StandIn) -> None:
    desk.sign_in()
    assert [bind(desk, wechat), bind(desk, wechat), bind(desk, wechat, OTHERS)] == [200, 200, 200]
    assert [enter(desk, code(wechat, openid))[0] for openid in (OPENID, OTHERS)] == [409, 200]


def test_wechat_of_another_account_is_409(desk: Desk, wechat: StandIn) -> None:
    sign_in(desk)
    bind(desk, wechat)
    sign_in(desk, OTHER)
    assert problem(desk.call("PUT", "/me/wechat", {"code": code(wechat)})) == (409, "wechat_taken")


def test_wrong_code_while_signed_in_is_422_and_the_session_stays(desk: Desk) -> None:
    desk.sign_in()
    assert problem(desk.call("PUT", "/me/wechat", {"code": "x"})) == (422, "wrong_code")
    assert desk.call("GET", "/me").status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_wechat_of_nobody_is_401(desk: Desk, method: str) -> None:
    body = {"code": "x"} if method == "PUT" else None
    assert problem(desk.call(method, "/me/wechat", body)) == (401, "unauthenticated")


def test_openid_is_nowhere_in_answers(desk: Desk, wechat: StandIn) -> None:
    answer = desk.call("POST", "/auth/wechat", {"code": code(wechat)})
    assert OPENID not in answer.text
    sign_in(desk, word=(answer.json or {})["binding"])
    assert OPENID not in desk.call("GET", "/me/wechat").text


def test_erased_account_leaves_its_wechat_free(desk: Desk, wechat: StandIn) -> None:
    sign_in(desk, word=waiting(desk, wechat))
    assert desk.call("DELETE", "/me").status_code == 204
    desk.token = ""
    assert sign_in(desk, OTHER, waiting(desk, wechat))["wechat_bound"] is True


def test_consent_page_of_the_demo_brings_a_code_back_to_this_site_only(desk: Desk, wechat: StandIn) -> None:
    site = desk.runtime.settings.base_url
    query = {"redirect_uri": f"{site}/wechat/return?a=1", "state": "s1", "openid": OPENID}
    answer = desk.client.get("/dev/wechat/authorize", query_string=query)
    assert answer.status_code == 302
    assert answer.location.startswith("/wechat/return?a=1&code=")
    assert answer.location.endswith("&state=s1")
    status, body = enter(desk, answer.location.split("code=")[1].split("&")[0])
    assert (status, body["code"]) == (409, "wechat_unbound")
    own = (f"{site}.evil.example/", f"{site}//evil.example/", f"{site}/#a", f"{site}/\r\nX: y")
    for other in ("https://evil.example/", "/wechat/return", "x", *own):
        refused = desk.client.get("/dev/wechat/authorize", query_string=query | {"redirect_uri": other})
        assert problem(refused)[0] == 422


def test_waiting_word_opens_nowhere_else(desk: Desk, wechat: StandIn) -> None:
    word = waiting(desk, wechat)
    assert accounts.waits(desk.runtime.vault, word=word, now=desk.runtime.clock())
    assert problem(desk.call("POST", "/auth/refresh", {"refresh_token": word}))[0] == 401
