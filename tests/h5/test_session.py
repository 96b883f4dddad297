"""Signing in on the pages, and a form that came after the session ended."""

from __future__ import annotations

import pytest

from backend.kernel import ids
from h5.paths import own_path
from tests import factories
from tests.h5.phone import Phone, hidden
from tests.people import VILLAGE, Cast

MOBILE = "13800000021"


def sign_in(phone: Phone, **fields: str) -> str:
    """Through both pages; the address after it."""
    page = phone.post("/login/code", mobile=MOBILE, **fields)
    assert page.status_code == 200, page.text
    assert MOBILE not in page.text.replace(f'name="mobile" value="{MOBILE}"', "")
    answer = phone.post("/login", **hidden(page.text) | {"code": phone.code()})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_sign_in_goes_back_to_where_the_person_was(stranger: Phone) -> None:
    assert sign_in(stranger, next="/messages") == "/messages"
    assert stranger.get("/messages").status_code == 200


@pytest.mark.parametrize("next_", ["//evil.example", "https://evil.example", "/\\evil", "javascript:x", "/a\nb", "x"])
def test_sign_in_never_leaves_this_site(stranger: Phone, next_: str) -> None:
    assert own_path(next_) == "/"
    assert sign_in(stranger, next=next_) == "/"


def test_a_wrong_mobile_is_said_and_kept(stranger: Phone) -> None:
    answer = stranger.post("/login/code", mobile="1380000")
    assert answer.status_code == 422
    assert 'value="1380000"' in answer.text


def test_a_wrong_code_is_said_in_words(stranger: Phone) -> None:
    stranger.post("/login/code", mobile=MOBILE)
    answer = stranger.post("/login", mobile=MOBILE, code="000000")
    assert answer.status_code == 401
    assert "验证码不对" in answer.text


def test_sign_out_ends_the_session_on_the_server_too(phone: Phone) -> None:
    cookie = phone.client.get_cookie("yg_resident")
    assert phone.post("/logout").status_code == 303
    assert cookie is not None
    phone.client.set_cookie("yg_resident", cookie.value)
    assert phone.get("/me").status_code == 303


def test_a_form_posted_after_the_session_ended_keeps_its_answers(phone: Phone, cast: Cast) -> None:
    case = f"/applications/{ids.encode(factories.draft(cast))}"
    phone.leave()
    late = phone.post(f"{case}/steps/place", shown="current_address", current_address="昆山“玉山”镇 & 更远")
    assert late.status_code == 401
    assert "您刚才填的内容都在" in late.text
    assert "玉山" not in late.text
    phone.enter(cast.residents["王㐂"])
    page = phone.post("/login/code", **hidden(late.text) | {"mobile": "13800000007"})
    replay = phone.post("/login", **hidden(page.text) | {"code": phone.code()})
    assert f'action="{case}/steps/place"' in replay.text
    assert "昆山“玉山”镇 &amp; 更远" in replay.text


def test_a_forged_stash_is_nothing(stranger: Phone) -> None:
    page = stranger.post("/login/code", mobile=MOBILE, stash="v1|k1|AAAA|BBBB")
    answer = stranger.post("/login", **hidden(page.text) | {"code": stranger.code()})
    assert answer.status_code == 303


def test_begin_after_the_session_ended_is_kept_with_its_key(phone: Phone) -> None:
    fields = hidden(phone.page("/services/migrant-proof/start?town=370402001"))
    phone.leave()
    late = phone.post("/services/migrant-proof/start", region=VILLAGE, **fields)
    page = phone.post("/login/code", **hidden(late.text) | {"mobile": "13800000007"})
    replay = phone.post("/login", **hidden(page.text) | {"code": phone.code()})
    assert fields["idempotency_key"] in replay.text
