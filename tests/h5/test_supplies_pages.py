"""The counter, the parcels and the visits at home, as pages without JavaScript."""

from __future__ import annotations

import pytest
from flask import Flask

from backend.applications import issuing, supplies
from backend.kernel import ids
from tests import factories
from tests.h5.clerk import Clerk, address
from tests.h5.phone import Phone, hidden
from tests.people import Cast, hire

ITEM = "contraceptive-supply"


@pytest.fixture
def nurse(app: Flask, cast: Cast) -> Clerk:
    return Clerk(app).sit_down(hire(cast, "county", role="nurse").id)


@pytest.fixture
def zhen(app: Flask, cast: Cast) -> Clerk:
    return Clerk(app).sit_down(cast.reviewers["town"].id)


def granted(cast: Cast, **answers: str) -> tuple[int, str]:
    case = factories.draft(cast, item=ITEM)
    if answers:
        factories.answer(cast, case, **answers)
    factories.submit(cast, case)
    number = cast.run(issuing.issue, vault=cast.vault, issuer="yangguang", application_id=case, now=cast.clock())
    cast.db.transact(supplies.prepare, cast.vault, application_id=case, now=cast.clock())
    return case, number


def test_the_counter_is_a_room_of_the_nurse(nurse: Clerk) -> None:
    assert "/staff/collections" in nurse.page("/staff/account")


def test_a_code_read_from_the_phone_is_used_up_once(cast: Cast, phone: Phone, nurse: Clerk) -> None:
    _case, number = granted(cast)
    page = phone.page(f"/certificates/{number}")
    code = page.split('<b class="num">')[1].split("<")[0]
    done = nurse.post("/staff/collections", code=f"{number} {code}")
    assert "可以给了" in nurse.page(done.headers["Location"])
    again = nurse.post("/staff/collections", code=f"{number} {code}")
    assert (again.status_code, "领过或者作废" in again.text) == (200, True)
    assert "已经领取" in phone.page(f"/certificates/{number}")


@pytest.mark.parametrize("typed", ["", "x", "YJ-370402-2026-000001 ABCD2345", "http://evil.example/v/x", "a" * 2000])
def test_nonsense_at_the_counter_is_answered_in_words(nurse: Clerk, typed: str) -> None:
    assert "不是本系统的领取码" in nurse.post("/staff/collections", code=typed).text


def test_a_parcel_is_packed_from_its_own_page(cast: Cast, nurse: Clerk) -> None:
    granted(cast, way="mail", recipient="王㐂", recipient_mobile="13800000007", address="样例社区 1 号楼")
    page = nurse.page("/staff/collections")
    assert "样例社区" not in page
    parcel = page.split('href="/staff/collections/')[1].split('"')[0]
    assert "样例社区 1 号楼" in nurse.page(f"/staff/collections/{parcel}")
    sent = nurse.post(f"/staff/collections/{parcel}/posting")
    assert "没有要寄的" in nurse.page(sent.headers["Location"])


def test_a_resident_takes_the_time_of_a_visit(cast: Cast, phone: Phone, zhen: Clerk) -> None:
    row = factories.submitted(cast, item="home-service")
    zhen.post(address(row.number, "/claim"))
    page = zhen.page(address(row.number, "/visits"))
    day = page.split('<option value="')[1].split('"')[0]
    zhen.post(address(row.number, "/visits"), data={"day": day, "hour": "09:30"} | hidden(page))
    case = zhen.page(address(row.number, "/visits"))
    assert "等居民答复" in case
    mine = phone.page(f"/applications/{ids.encode(row.id)}/visits")
    assert "09:30，可以来" in mine
    action = mine.split('action="')[-1].split('"')[0]
    phone.post(action, data={k: v for k, v in hidden(mine).items() if k != "csrf_token"})
    assert "约好了" in phone.page(f"/applications/{ids.encode(row.id)}")
    assert "约好了" in zhen.page("/staff/visits")


def test_a_time_that_does_not_fit_keeps_what_was_chosen(cast: Cast, zhen: Clerk) -> None:
    row = factories.submitted(cast, item="home-service")
    zhen.post(address(row.number, "/claim"))
    page = zhen.page(address(row.number, "/visits"))
    answer = zhen.post(address(row.number, "/visits"), data={"day": "昨天", "hour": "09:30"} | hidden(page))
    assert "请选哪一天、几点" in answer.text
    assert "<option selected>09:30" in answer.text
