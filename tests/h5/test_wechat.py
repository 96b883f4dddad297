"""WeChat on the pages, as a phone inside WeChat, one outside of it, and somebody with a stolen link see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from backend.accounts import wechat as accounts
from backend.accounts.policy import openid_index
from backend.kernel import ids
from backend.notifications.wechat import credits as ledger
from backend.web.context import bind
from standins.wechat import StandIn
from tests import factories
from tests.clock import MovableClock
from tests.h5.phone import Phone, hidden
from tests.people import Cast
from tests.wechat_door import INSIDE, OPENID, OTHERS, code, joined, known, told

MOBILE = "13800000021"


@pytest.fixture
def wechat(app: Flask, cast: Cast) -> Iterator[StandIn]:
    """The stand-in, which the app knows from now on."""
    at = Phone(app).runtime
    with joined(at.settings) as (standing, settings):
        bind(app, known(at, settings))
        yield standing


@pytest.fixture
def inside(app: Flask, wechat: StandIn) -> Phone:
    """Nobody is signed in, in WeChat."""
    return in_wechat(Phone(app))


@pytest.fixture
def phone(app: Flask, cast: Cast, wechat: StandIn) -> Phone:
    """王㐂 is signed in, in WeChat."""
    return in_wechat(Phone(app).enter(cast.resident("王㐂", 7)))


def in_wechat(phone: Phone) -> Phone:
    phone.client.environ_base["HTTP_USER_AGENT"] = INSIDE
    return phone


def come_back(
    phone: Phone, wechat: StandIn, sent: str, openid: str = OPENID, *, snapshot: bool = False
) -> TestResponse:
    """What WeChat does with a consent page: back to its redirect_uri with a code and the state."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(unescape(sent)).query).items()}
    assert query["redirect_uri"] == f"{phone.runtime.settings.base_url}/wechat/return"
    back = {"code": code(wechat, openid, snapshot=snapshot), "state": query["state"]}
    return phone.get("/wechat/return", query_string=back)


def sent_off(phone: Phone, page: str = "/messages") -> str:
    """Where the phone is sent from a page that needs a sign-in, without a press."""
    login = phone.get(page)
    assert login.status_code == 303
    enter = phone.get(login.location)
    assert enter.location.startswith("/wechat/enter"), enter.location
    return str(phone.get(enter.location).location)


def sign_in(phone: Phone, page: str, **fields: str) -> TestResponse:
    """By phone, from the page that asks for the number."""
    asked = phone.post("/login/code", **hidden(page) | {"mobile": MOBILE})
    return phone.post("/login", **hidden(asked.text) | {"code": phone.code()} | fields)


def bound(phone: Phone, cast: Cast, openid: str = OPENID) -> Phone:
    """王㐂's account has this WeChat."""
    at = phone.runtime
    at.db.transact(accounts.bind, at.vault, resident_id=cast.resident("王㐂", 7), openid=openid, now=at.clock())
    return phone


def granted(phone: Phone, template: str, times: int = 1) -> None:
    at = phone.runtime
    for number in range(times):
        own = {"openid_index": openid_index(at.vault, OPENID), "template": template, "at": at.clock()}
        at.db.transact(ledger.grant, source=f"{template}{number}", **own)


def test_bound_wechat_is_signed_in_on_the_way_without_a_press(inside: Phone, wechat: StandIn, cast: Cast) -> None:
    bound(inside, cast)
    back = come_back(inside, wechat, sent_off(inside, "/messages"))
    assert (back.status_code, back.location) == (303, "/messages")
    assert inside.get("/messages").status_code == 200


def test_unknown_wechat_signs_in_by_phone_and_is_bound_with_a_line_that_says_so(inside: Phone, wechat: StandIn) -> None:
    back = come_back(inside, wechat, sent_off(inside))
    page = inside.page(back.location)
    assert "和这个微信关联" in page
    answer = sign_in(inside, page, wechat="1")
    assert answer.location == "/messages?said=wechat_bound"
    assert '<a href="/me/wechat">不想关联，去解除</a>' in inside.page(answer.location)
    assert "微信已经关联" in inside.page("/me/wechat")


def test_helper_who_only_signs_in_binds_nothing(inside: Phone, wechat: StandIn) -> None:
    back = come_back(inside, wechat, sent_off(inside))
    asked = inside.post("/login/code", **hidden(inside.page(back.location)) | {"mobile": MOBILE})
    assert "只登录，不关联" in asked.text
    answer = inside.post("/login", **hidden(asked.text) | {"code": inside.code()})
    assert answer.location == "/messages"
    assert "微信已经关联" not in inside.page("/me/wechat")


def test_outside_of_wechat_nothing_changes(stranger: Phone, wechat: StandIn) -> None:
    page = stranger.page("/login?next=/messages")
    assert "给我发验证码" in page
    assert "用微信试试（演示）" in page
    assert "关联" not in stranger.post("/login/code", mobile=MOBILE).text


def test_installation_without_wechat_says_nothing_of_it(app: Flask, cast: Cast) -> None:
    phone = in_wechat(Phone(app))
    assert "微信" not in phone.page("/login")
    assert phone.get("/wechat/enter?next=/messages").location == "/login?by=phone&next=/messages"
    assert "微信" not in phone.enter(cast.resident("王㐂", 7)).page("/me").replace("微信、短信", "")


def test_wechat_for_companies_is_another_browser(inside: Phone) -> None:
    inside.client.environ_base["HTTP_USER_AGENT"] = f"{INSIDE} wxwork/4.1"
    assert "给我发验证码" in inside.page("/login")


def test_link_with_somebody_elses_code_signs_nobody_in(inside: Phone, wechat: StandIn, cast: Cast) -> None:
    bound(inside, cast, OTHERS)
    stolen = {"code": code(wechat, OTHERS), "state": "0" * 32}
    assert inside.get("/wechat/return", query_string=stolen).location == "/login?by=phone&next=/"
    sent_off(inside)
    assert inside.get("/wechat/return", query_string=stolen).location == "/login?by=phone&next=/"
    assert inside.get("/me").status_code == 303


def test_state_is_good_once_and_ten_minutes(inside: Phone, wechat: StandIn, cast: Cast, clock: MovableClock) -> None:
    bound(inside, cast)
    address = sent_off(inside)
    clock.advance(timedelta(minutes=10))
    assert come_back(inside, wechat, address).location == "/login?by=phone&next=/"
    address = sent_off(inside)
    assert come_back(inside, wechat, address).location == "/messages"
    inside.leave()
    assert come_back(inside, wechat, address).location == "/login?by=phone&next=/"


def test_two_tabs_are_on_one_way(inside: Phone, wechat: StandIn, cast: Cast) -> None:
    bound(inside, cast)
    first, second = sent_off(inside), sent_off(inside)
    assert first == second


@pytest.mark.parametrize("next_", ["//evil.example", "https://evil.example", "/a\nb"])
def test_way_back_never_leaves_this_site(inside: Phone, wechat: StandIn, cast: Cast, next_: str) -> None:
    bound(inside, cast)
    sent = inside.get("/wechat/enter", query_string={"next": next_}).location
    assert come_back(inside, wechat, sent).location == "/"


@pytest.mark.parametrize("fault", [{"errcode": -1}, {"broken": True}, {"reset": True}, {"errcode": 40029}])
def test_wechat_out_of_order_leads_to_the_phone_number_and_says_so(
    inside: Phone, wechat: StandIn, fault: dict[str, object]
) -> None:
    address = sent_off(inside)
    told(wechat, path="oauth2/access_token", **fault)
    back = come_back(inside, wechat, address)
    assert back.location == "/login?by=phone&next=/messages&said=wechat_away"
    assert "微信那边没有回应" in inside.page(back.location)


def test_preview_of_wechat_is_told_what_to_press(inside: Phone, wechat: StandIn) -> None:
    answer = come_back(inside, wechat, sent_off(inside), snapshot=True)
    assert answer.status_code == 403
    assert "使用完整服务" in answer.text


def test_whoever_signed_out_is_not_signed_in_behind_their_back(inside: Phone, wechat: StandIn, cast: Cast) -> None:
    bound(inside, cast)
    come_back(inside, wechat, sent_off(inside))
    inside.post("/logout")
    page = inside.page(inside.get("/messages").location)
    assert "用微信登录" in page
    back = come_back(inside, wechat, inside.get("/wechat/enter?next=/messages").location)
    assert back.location == "/messages"


def test_own_wechat_is_bound_and_let_go_on_its_page(phone: Phone, wechat: StandIn) -> None:
    assert "还没有关联" in phone.page("/me")
    link = re.search(r'class="btn" href="([^"]+)"', phone.page("/me/wechat"))
    assert link is not None
    back = come_back(phone, wechat, link[1])
    assert back.location == "/me/wechat?said=wechat_bound"
    assert "微信已经关联" in phone.page(back.location)
    assert phone.post("/me/wechat/unbinding").location == "/me/wechat?said=wechat_unbound"
    assert "关联我的微信" in phone.page("/me/wechat")


def test_wechat_of_another_account_stays_there(phone: Phone, wechat: StandIn, cast: Cast) -> None:
    link = re.search(r'class="btn" href="([^"]+)"', phone.page("/me/wechat"))
    other, at = cast.resident("李㙓", 8), phone.runtime
    at.db.transact(accounts.bind, at.vault, resident_id=other, openid=OPENID, now=at.clock())
    assert link is not None
    answer = come_back(phone, wechat, link[1])
    assert answer.status_code == 409
    assert "另一个账号" in answer.text


def test_way_to_bind_ends_with_the_account_that_began_it(phone: Phone, wechat: StandIn, cast: Cast) -> None:
    link = re.search(r'class="btn" href="([^"]+)"', phone.page("/me/wechat"))
    assert link is not None
    phone.enter(cast.resident("李㙓", 8))
    come_back(phone, wechat, link[1])
    assert "微信已经关联" not in phone.page("/me/wechat")


def test_phone_outside_of_wechat_is_told_to_open_it_there(phone: Phone, wechat: StandIn) -> None:
    at = phone.runtime
    account = replace(at.settings.wechat, open_url="https://open.weixin.qq.com")
    bind(phone.app, replace(at, settings=replace(at.settings, wechat=account)))
    phone.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0"
    assert "请在微信里打开" in phone.page("/me/wechat")


def at_wechat(phone: Phone) -> Phone:
    """As with WeChat itself: no stand-in plays it."""
    at = phone.runtime
    account = replace(at.settings.wechat, open_url="https://open.weixin.qq.com")
    bind(phone.app, replace(at, settings=replace(at.settings, wechat=account)))
    return phone


def receipt(cast: Cast) -> str:
    return f"/applications/{ids.encode(factories.submitted(cast).id)}/receipt"


def test_receipt_asks_in_wechat_with_its_own_button(phone: Phone, cast: Cast) -> None:
    answer = at_wechat(bound(phone, cast)).get(receipt(cast))
    assert "办好了，用微信告诉您？" in answer.text
    assert "https://res.wx.qq.com/open/js/jweixin-1.6.0.js" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self' https://res.wx.qq.com;" in policy
    assert "frame-src https://*.qq.com webcompt:" in policy


def test_script_of_wechat_is_let_in_nowhere_else(phone: Phone, cast: Cast) -> None:
    at_wechat(bound(phone, cast))
    for path in ("/me", "/", "/messages", "/applications"):
        assert "qq.com" not in phone.get(path).headers["Content-Security-Policy"]
    phone.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0"
    answer = phone.get(receipt(cast))
    assert "qq.com" not in answer.headers["Content-Security-Policy"] + answer.text


def test_receipt_says_how_many_are_stored_up(phone: Phone, cast: Cast) -> None:
    bound(phone, cast)
    for template in ("result", "todo", "progress"):
        granted(phone, template, 2)
    page = phone.page(receipt(cast))
    assert "还能用微信通知您 2 次" in page
    assert "用微信告诉您？" not in page


def test_only_what_is_used_up_is_asked_for(phone: Phone, cast: Cast, wechat: StandIn) -> None:
    at_wechat(bound(phone, cast))
    granted(phone, "todo")
    found = re.search(r'data-wechat="([^"]+)"', phone.page(receipt(cast)))
    assert found is not None
    assert [wechat.account.templates[one] for one in found[1].split(",")] == ["result", "progress"]


def test_unbound_account_is_asked_nothing(phone: Phone, cast: Cast) -> None:
    assert "用微信告诉" not in phone.page(receipt(cast))


def test_demo_leads_to_the_popup_of_the_stand_in(phone: Phone, cast: Cast, wechat: StandIn) -> None:
    page = bound(phone, cast).page(receipt(cast))
    link = re.search(r'href="(http[^"]+/standin/popup[^"]+)"', page)
    assert link is not None
    query = parse_qs(urlsplit(unescape(link[1])).query)
    assert query["openid"] == [OPENID]
    assert query["back"][0].startswith(phone.runtime.settings.base_url)


def test_openid_stands_on_no_page_outside_of_the_demo(phone: Phone, cast: Cast) -> None:
    at_wechat(bound(phone, cast))
    assert OPENID not in phone.page(receipt(cast)) + phone.page("/me/wechat") + phone.page("/me")
