"""Benefits and the yearly confirmation in a browser without JavaScript, at home and at the console."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from backend.benefits import campaigns
from backend.kernel import ids
from tests import benefits as make
from tests.h5.clerk import Clerk
from tests.h5.phone import Phone, hidden
from tests.h5.test_pages_render import CHOICES, sound
from tests.people import Cast, id_number


@pytest.fixture
def asked(cast: Cast) -> int:
    return make.asked(cast)


@pytest.fixture
def clerk(app: Flask, cast: Cast) -> Clerk:
    return Clerk(app).sit_down(cast.reviewers["town"].id)


def at(confirmation: int, rest: str = "") -> str:
    return f"/confirmations/{ids.encode(confirmation)}{rest}"


def tell(phone: Phone, confirmation: int, **fields: Any) -> TestResponse:
    form = hidden(phone.page(at(confirmation, "/change")))
    return phone.post(at(confirmation, "/change"), data=form | fields)


def changed(phone: Phone, confirmation: int) -> None:
    told = {"kinds": ["account"], "bank": "新银行", "account_number": "1111 2222 3333 4444"}
    assert tell(phone, confirmation, **told).status_code == 303


@pytest.mark.parametrize("choice", CHOICES)
def test_every_page_of_a_resident_renders(phone: Phone, cast: Cast, asked: int, choice: dict[str, str]) -> None:
    for name, value in choice.items():
        phone.choose(name, value)
    record = f"/benefits/{ids.encode(make.confirmation(cast, asked).recipient_id)}/record"
    for path in ("/benefits", record, at(asked), at(asked, "/change"), "/", "/me"):
        assert sound(phone.page(path)), path


def test_an_empty_list_says_what_will_appear(phone: Phone) -> None:
    assert "还没有补贴" in phone.page("/benefits")


def test_the_first_page_offers_the_confirmation(phone: Phone, asked: int) -> None:
    assert at(asked) in phone.page("/")
    assert at(asked) in phone.page("/benefits")


def test_one_tap_confirms_and_a_second_tap_says_the_same(phone: Phone, cast: Cast, asked: int) -> None:
    form = hidden(phone.page(at(asked)))
    answers = [phone.post(at(asked, "/confirmation"), data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert make.confirmation(cast, asked).confirmed_way == "online"
    assert "今年的年审办好了" in phone.page(at(asked))
    assert at(asked) not in phone.page("/")


def test_a_stranger_sees_no_confirmation(phone: Phone, app: Flask, cast: Cast, asked: int) -> None:
    other = Phone(app).enter(cast.resident("陌生人", 99))
    assert other.get(at(asked)).status_code == 404
    assert other.post(at(asked, "/confirmation")).status_code == 404
    assert Phone(app).get(at(asked)).status_code == 303


def test_an_unfinished_change_keeps_the_words(phone: Phone, asked: int) -> None:
    answer = tell(phone, asked, kinds=["account"], bank="新银行", account_number="12", words="已经换卡")
    assert answer.status_code == 422
    assert "8 到 30 位" in answer.text
    assert all(word in answer.text for word in ("新银行", "已经换卡"))


def test_a_change_shows_what_was_told_by_its_last_digits(phone: Phone, asked: int) -> None:
    changed(phone, asked)
    page = phone.page(at(asked))
    assert "正在核对" in page
    assert "尾号 4444" in page
    assert "1111" not in page


def test_an_offer_is_accepted_by_a_tap(phone: Phone, cast: Cast, asked: int) -> None:
    for _ in range(3):
        cast.clock.advance(timedelta(days=20))
        cast.run(campaigns.remind, now=cast.clock(), limit=10)
    phone = Phone(phone.app).enter(cast.residents["王㐂"])
    page = phone.page(at(asked))
    assert phone.post(at(asked, "/offer"), data=hidden(page), answer="visit").status_code == 303
    assert make.confirmation(cast, asked).waiting == "visit"


def test_the_console_shows_the_change_and_takes_the_account_over(
    phone: Phone, clerk: Clerk, cast: Cast, asked: int
) -> None:
    changed(phone, asked)
    assert "有变化，请核对" in clerk.page("/staff/benefits")
    path = f"/staff/confirmations/{ids.encode(asked)}"
    page = clerk.page(path)
    assert "1111222233334444" in page
    done = clerk.post(f"{path}/review", data=hidden(page), outcome="account")
    assert done.status_code == 303, done.text
    assert make.confirmation(cast, asked).waiting is None
    assert "尾号 4444" in phone.page("/benefits")


def test_a_review_without_an_outcome_says_so(phone: Phone, clerk: Clerk, asked: int) -> None:
    changed(phone, asked)
    path = f"/staff/confirmations/{ids.encode(asked)}"
    answer = clerk.post(f"{path}/review", data=hidden(clerk.page(path)))
    assert (answer.status_code, "请选一个处理结果" in answer.text) == (422, True)


def test_a_call_from_the_family_is_recorded(clerk: Clerk, cast: Cast, asked: int) -> None:
    found = clerk.post("/staff/recipients/search", id_type="resident_id", id_number=id_number(7)).text
    (person,) = set(re.findall(r"/staff/recipients/(\w{13})", found))
    assert "为什么要看" in clerk.page(f"/staff/recipients/{person}")
    assert at(asked) in clerk.page(f"/staff/recipients/{person}?purpose=question")
    path = f"/staff/confirmations/{ids.encode(asked)}"
    form = hidden(clerk.page(path)) | {"way": "call", "result": "confirmed"}
    assert clerk.post(f"{path}/record", data=form).status_code == 303
    assert make.confirmation(cast, asked).confirmed_way == "call"


@pytest.mark.parametrize("choice", CHOICES)
def test_every_page_of_the_console_renders(clerk: Clerk, cast: Cast, asked: int, choice: dict[str, str]) -> None:
    for name, value in choice.items():
        clerk.choose(name, value)
    person = ids.encode(make.confirmation(cast, asked).recipient_id)
    paths = ("", "?purpose=payment")
    pages = ["/staff/benefits", "/staff/recipients?item=family-award", "/staff/recipients/search"]
    pages += [f"/staff/confirmations/{ids.encode(asked)}", *(f"/staff/recipients/{person}{rest}" for rest in paths)]
    for path in pages:
        assert sound(clerk.page(path)), path


def test_the_console_ends_a_benefit_only_with_a_reason(clerk: Clerk, cast: Cast, asked: int) -> None:
    recipient = make.confirmation(cast, asked).recipient_id
    path = f"/staff/recipients/{ids.encode(recipient)}"
    form = hidden(clerk.page(f"{path}?purpose=correction"))
    assert clerk.post(f"{path}/end", data=form).status_code == 422
    assert clerk.post(f"{path}/end", data=form | {"idempotency_key": "again", "reason": "own_wish"}).status_code == 303
    assert make.load(cast, recipient).end_reason == "own_wish"


def test_a_class_and_an_account_are_corrected_with_their_checks(clerk: Clerk, cast: Cast, asked: int) -> None:
    recipient = make.confirmation(cast, asked).recipient_id
    path = f"/staff/recipients/{ids.encode(recipient)}"
    form = hidden(clerk.page(f"{path}?purpose=correction"))
    assert clerk.post(f"{path}/account", data=form, bank="某行", account_number="x").status_code == 422
    wrong = {"on.y": "2026", "on.m": "2", "on.d": "31", "amount_class": "standard"}
    assert clerk.post(f"{path}/class", data=form | wrong).status_code == 422


def test_the_county_begins_a_campaign_once(app: Flask, cast: Cast) -> None:
    county = Clerk(app).sit_down(cast.reviewers["county"].id)
    page = county.page("/staff/benefits/campaigns/new")
    form = hidden(page) | {"service_item": "family-award", "period": "2026"}
    form |= {"answer_by.y": "2027", "answer_by.m": "2", "answer_by.d": "1"}
    assert county.post("/staff/benefits/campaigns", data=form).status_code == 303
    again = county.post("/staff/benefits/campaigns", data=form | {"idempotency_key": "other"})
    assert (again.status_code, "已经开始了" in again.text) == (409, True)
    assert "农村部分计划生育家庭奖励扶助" in county.page("/staff/benefits")


def test_a_town_cannot_begin_a_campaign(clerk: Clerk) -> None:
    assert clerk.get("/staff/benefits/campaigns/new").status_code == 403


def test_an_account_with_a_benefit_is_not_erased_silently(phone: Phone, asked: int) -> None:
    answer = phone.post("/me/erasure", sure="yes")
    assert (answer.status_code, "您还在领" in answer.text) == (409, True)
