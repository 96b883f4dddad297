"""The queue at the console: who sees which cases, how they are marked, and taking the next one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from backend.applications import due
from backend.db import Database
from backend.models.staff import Staff
from tests import factories
from tests.clock import MovableClock
from tests.h5.clerk import Clerk, address
from tests.h5.phone import hidden
from tests.people import EMPTY_VILLAGE, FAR_VILLAGE, Cast, hire

NUMBER = re.compile(r"YG\d{4}-[A-Z0-9]{6}")


@pytest.fixture
def cun(app: Flask, cast: Cast) -> Clerk:
    return Clerk(app).sit_down(cast.reviewers["village"].id)


@pytest.fixture
def zhen(app: Flask, cast: Cast) -> Clerk:
    return Clerk(app).sit_down(cast.reviewers["town"].id)


def counts(page: str) -> dict[str, str]:
    return dict(re.findall(r">([^<>]+)&nbsp;<span class=\"num\" data-count=\"[a-z]+\">([0-9+]+)<", page))


def become(db: Database, staff: int, role: str) -> None:
    def write(session: Session) -> None:
        session.get_one(Staff, staff).role = role

    db.transact(write)


def test_an_empty_queue_says_what_will_stand_here(cun: Clerk) -> None:
    page = cun.page("/staff")
    assert "都办完了" in page
    assert "领下一件" not in page


def test_a_case_is_masked_and_marked(cun: Clerk, cast: Cast) -> None:
    row = factories.submitted(cast)
    page = cun.page("/staff")
    assert "王* · 婚育情况证明" in page
    assert "王㐂" not in page
    assert '<span class="tag free">未领</span>' in page
    assert address(row.number) in page
    shown = {"待办": "1", "我的": "0", "未领": "1", "超期": "0", "快到期": "0", "等补正": "0", "公示中": "0"}
    assert counts(page) == shown


def test_deadlines_are_said_in_words(cun: Clerk, cast: Cast, clock: MovableClock) -> None:
    factories.submitted(cast)
    assert "还剩 3 天" in cun.page("/staff")
    clock.advance(timedelta(days=2))
    page = cun.page("/staff")
    assert "明天到期" in page
    assert '<span class="tag sun">快到期</span>' in page
    clock.advance(timedelta(days=5))
    page = cun.page("/staff?view=overdue")
    assert "超 2 个工作日" in page
    assert '<span class="tag red">超期</span>' in page


def test_a_resubmission_says_how_much_changed(cun: Clerk, cast: Cast) -> None:
    row = factories.in_correction(cast)
    assert "等申请人补正" in cun.page("/staff?view=all")
    assert str(row.number) not in cun.page("/staff")
    factories.answer(cast, row.id, current_address="上海市浦东新区")
    factories.resubmit(cast, row.id)
    assert "补正后改了 1 处" in cun.page("/staff")


def test_a_colleague_who_holds_a_case_is_shown_by_post(app: Flask, cun: Clerk, cast: Cast) -> None:
    row = factories.submitted(cast)
    factories.claim(cast, row.number or "", hire(cast, "village", region=cast.reviewers["village"].region))
    page = cun.page("/staff")
    assert "村级核对岗在办，10:30 前" in page
    assert '<span class="tag blue">有人在办</span>' in page
    assert "领下一件" not in page


def test_the_jurisdiction_limits_lists_and_search(cun: Clerk, zhen: Clerk, cast: Cast) -> None:
    far = factories.submitted(cast, region=FAR_VILLAGE)
    near = factories.submitted(cast, "李明", serial=8, region=EMPTY_VILLAGE)
    assert "还没有人提交申请" in cun.page("/staff?view=all")
    assert str(near.number) in zhen.page("/staff")
    assert zhen.get(f"/staff/find?number={far.number}").status_code == 404
    assert "没有找到" in zhen.get("/staff/find?number=%3Cb%3E").text
    found = zhen.get(f"/staff/find?number=%20{(near.number or '').lower()}")
    assert found.headers["Location"] == address(near.number)


def test_filters_narrow_by_item_and_place(zhen: Clerk, cast: Cast) -> None:
    case = factories.submitted(cast, region=EMPTY_VILLAGE)
    assert str(case.number) in zhen.page(f"/staff?region={EMPTY_VILLAGE}&item=migrant-proof")
    assert "这样筛选，一件也没有" in zhen.page("/staff?item=birth-registration")
    assert str(case.number) in zhen.page(f"/staff?region={FAR_VILLAGE}&view=x")


def test_pages_go_on_by_keyset(cun: Clerk, cast: Cast) -> None:
    numbers = {factories.submitted(cast, f"人{chr(0x4E00 + at)}", serial=100 + at).number for at in range(23)}
    first = cun.page("/staff")
    following = re.search(r'href="(/staff\?[^"]*cursor=[^"]+)"', first)
    assert following
    second = cun.page(following[1].replace("&amp;", "&"))
    assert {*NUMBER.findall(first), *NUMBER.findall(second)} - {"YG2611-7K2M9Q"} == numbers
    assert "下一页" not in second
    assert "回第一页" in second
    assert cun.get("/staff?cursor=x").status_code == 422


def test_the_next_case_is_the_most_urgent_and_a_second_tap_takes_no_other(
    cun: Clerk, cast: Cast, clock: MovableClock
) -> None:
    urgent = factories.submitted(cast)
    clock.advance(timedelta(days=1))
    factories.submitted(cast, "李明", serial=8)
    fields = hidden(cun.page("/staff"))
    answers = [cun.post("/staff/next", idempotency_key=fields["idempotency_key"]) for _ in range(2)]
    assert [answer.headers["Location"] for answer in answers] == [address(urgent.number)] * 2
    assert counts(cun.page("/staff"))["我的"] == "1"


def test_the_next_case_passes_by_what_a_faster_colleague_took(cun: Clerk, cast: Cast) -> None:
    first, second = factories.submitted(cast), factories.submitted(cast, "李明", serial=8)
    colleague = hire(cast, "village", region=cast.reviewers["village"].region)
    cun.page("/staff")
    factories.claim(cast, first.number or "", colleague)
    assert cun.post("/staff/next").headers["Location"] == address(second.number)
    assert cun.post("/staff/next").headers["Location"] == "/staff?view=todo&done=nothing"


def test_unknown_holidays_are_announced(cun: Clerk, clock: MovableClock) -> None:
    assert "还没有 2027 年的放假安排" in cun.page("/staff")
    clock.set(datetime.fromisoformat("2027-03-01T10:00:00+08:00"))
    assert "还没有 2027、2028 年的放假安排" in cun.page("/staff")


@pytest.mark.parametrize("role", ["nurse", "investigator", "admin"])
def test_other_roles_see_no_case_on_any_page(app: Flask, cast: Cast, role: str) -> None:
    number = factories.submitted(cast).number
    become(cast.db, cast.reviewers["village"].id, role)
    other = Clerk(app).sit_down(cast.reviewers["village"].id)
    assert "王*" not in other.client.get("/staff", follow_redirects=True).text
    pages = [
        "/staff/find?number=x",
        "/staff/bulk",
        "/staff/templates",
        "/staff/templates/new",
        address(number),
        address(number, "/audit"),
    ]
    assert {other.get(path).status_code for path in pages} == {403}
    posts = [
        "/staff/next",
        "/staff/search",
        "/staff/bulk",
        "/staff/bulk/preview",
        "/staff/bulk/acts",
        "/staff/templates",
        *(address(number, f"/{verb}") for verb in ("claim", "release", "decisions", "reopening")),
    ]
    assert {other.post(path).status_code for path in posts} == {403}


def test_deadline_notices_stand_beside_the_list(cun: Clerk, cast: Cast, clock: MovableClock) -> None:
    row = factories.submitted(cast)
    clock.advance(timedelta(days=8))
    cast.run(due.warn_deadlines, calendar=cast.calendar, now=clock())
    page = cun.page("/staff")
    assert "期限提醒" in page
    assert str(row.number) in page.split("期限提醒")[1]


def test_views_show_what_waits_for_the_applicant(cun: Clerk, cast: Cast) -> None:
    row = factories.in_correction(cast)
    page = cun.page("/staff?view=waiting")
    assert str(row.number) in page
    assert "等到 12 月" in page
    assert counts(page)["等补正"] == "1"
    assert "没有正在公示的件" in cun.page("/staff?view=notice")


def test_the_age_is_said_and_filters(cun: Clerk, cast: Cast, clock: MovableClock) -> None:
    row = factories.submitted(cast)
    clock.advance(timedelta(days=8))
    assert "交了 8 天" in cun.page("/staff")
    assert str(row.number) in cun.page("/staff?age=7&level=any")
    assert "这样筛选，一件也没有" in cun.page("/staff?age=15")


def test_what_changed_since_the_last_look_is_marked(cun: Clerk, cast: Cast) -> None:
    row = factories.in_correction(cast)
    assert "新：" not in cun.page("/staff?view=all")
    cun.page(address(row.number))
    factories.resubmit(cast, row.id)
    assert "新：补正后再提交" in cun.page("/staff")
    cun.page(address(row.number))
    assert "新：" not in cun.page("/staff")


def test_a_person_is_found_by_exact_name_and_the_look_is_noted(cun: Clerk, cast: Cast) -> None:
    row = factories.submitted(cast)
    page = cun.post("/staff/search", name=" 王㐂 ").text
    assert str(row.number) in page
    assert "王㐂" not in page
    assert "按姓名或证件号查找" in cun.page(address(row.number, "/audit"))
    assert "辖区里没有找到" in cun.post("/staff/search", name="王").text
    assert cun.post("/staff/search", id_number="123").status_code == 422
    assert cun.get("/staff/search?name=王㐂").status_code == 405
