"""One case at the console: what it shows, deciding it, and what stays when a press does not count."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from backend.applications import claims
from tests import factories
from tests.clock import MovableClock
from tests.h5.clerk import Clerk, address
from tests.h5.phone import hidden
from tests.people import Cast, hire, id_number

NOTE = "照片看不清，𠮷<b>"


@pytest.fixture
def cun(app: Flask, cast: Cast) -> Clerk:
    return Clerk(app).sit_down(cast.reviewers["village"].id)


@pytest.fixture
def number(cast: Cast) -> str:
    return factories.submitted(cast).number or ""


def press(clerk: Clerk, number: str, **fields: str) -> tuple[int, str]:
    """Post the decision form with its own hidden fields; status, and where it led or what it said."""
    own = {k: v for k, v in hidden(clerk.page(address(number))).items() if k in ("fence", "idempotency_key")}
    answer = clerk.post(address(number, "/decisions"), data=own | fields)
    return answer.status_code, answer.headers.get("Location") or answer.text


def test_the_holder_is_masked_until_the_case_is_claimed(cun: Clerk, number: str) -> None:
    page = cun.page(address(number))
    assert "王㐂" not in page
    assert id_number(7) not in page
    assert "<img" not in page
    assert cun.post(address(number, "/claim")).headers["Location"] == address(number)
    page = cun.page(address(number))
    assert "王㐂" in page
    assert id_number(7) in page
    assert f'<img src="/api/v1{address(number)}/materials/' in page


def test_every_level_reads_what_approval_does(app: Flask, cun: Clerk, cast: Cast, number: str) -> None:
    cun.post(address(number, "/claim"))
    assert "通过，交中心街街道办事处" in cun.page(address(number))
    assert press(cun, number, decision="approve") == (303, f"/staff?done=hand_up&number={number}")
    zhen = Clerk(app).sit_down(cast.reviewers["town"].id)
    zhen.post(address(number, "/claim"))
    page = zhen.page(address(number))
    assert "通过并发证" in page
    assert "退回铁西居委会" in page
    assert press(zhen, number, decision="approve")[1] == f"/staff?done=approve&number={number}"
    assert "已通过，正在办结" in zhen.page(f"/staff?done=approve&number={number}")


def test_a_correction_tells_everything_at_once(cun: Clerk, cast: Cast, number: str) -> None:
    cun.post(address(number, "/claim"))
    data = {"item": ["id_card", "current_address"], "reason.id_card": "重拍", "reason.current_address": "写到村"}
    own = hidden(cun.page(address(number)))
    answer = cun.post(
        address(number, "/decisions"),
        data=data | {"fence": own["fence"], "decision": "request_correction", "note": NOTE},
    )
    assert answer.headers["Location"] == f"/staff?done=request_correction&number={number}"
    page = cun.page(address(number))
    assert "已通知补正 2 处" in page
    assert "照片看不清，𠮷&lt;b&gt;" in page


def status_of(cast: Cast, number: str) -> str:
    with cast.db.reading() as session:
        return claims.in_jurisdiction(session, cast.reviewers["village"], number, lock=False).status


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "请选一个决定"),
        ({"decision": "burn"}, "请从给出的选项里选"),
        ({"decision": "request_correction", "reason.household_register": ""}, "请勾出要补正的地方"),
        ({"decision": "request_correction", "item": "id_card"}, "请写哪里不对、要怎么改"),
        ({"decision": "request_correction", "reason.id_card": "重拍"}, "写了话没有勾选"),
        ({"decision": "reject"}, "请写怎么补救"),
        ({"decision": "return", "note": "再看"}, "下面没有可以退回的层级"),
        ({"decision": "reject", "remedy": "x", "note": "字" * 2001}, "最多 2000 个字"),
    ],
)
def test_what_is_refused_keeps_every_word(
    cun: Clerk, cast: Cast, number: str, fields: dict[str, str], said: str
) -> None:
    cun.post(address(number, "/claim"))
    status, page = press(cun, number, **{"note": NOTE, "reason.household_register": "留着", **fields})
    assert status in (409, 422)
    assert said in page
    assert fields.get("note", "照片看不清，𠮷&lt;b&gt;") in page
    assert f'value="{fields.get("reason.household_register", "留着")}"' in page
    assert status_of(cast, number) == "submitted"


def test_a_rejection_carries_reason_and_remedy(cun: Clerk, number: str) -> None:
    cun.post(address(number, "/claim"))
    press(cun, number, decision="reject", note="不在本区", remedy="请向户籍地申请")
    page = cun.page(address(number))
    assert "不在本区\n怎么补救：请向户籍地申请" in page
    assert "发现有误，重新审核" in page


def test_an_expired_lease_keeps_the_words_and_goes_on(cun: Clerk, number: str, clock: MovableClock) -> None:
    cun.post(address(number, "/claim"))
    own = hidden(cun.page(address(number)))
    clock.advance(timedelta(minutes=31))
    fields = {"fence": own["fence"], "decision": "reject", "note": NOTE, "remedy": "重拍"}
    late = cun.post(address(number, "/decisions"), data=fields)
    assert late.status_code == 409
    assert "重新领办" in late.text
    again = cun.post(address(number, "/decisions"), data=fields | {"do": "renew"})
    assert again.status_code == 200
    assert "照片看不清，𠮷&lt;b&gt;" in again.text
    fresh = hidden(again.text)
    assert cun.post(address(number, "/decisions"), data=fields | {"fence": fresh["fence"]}).status_code == 303


def test_words_stay_when_somebody_else_took_the_case(cun: Clerk, cast: Cast, number: str, clock: MovableClock) -> None:
    cun.post(address(number, "/claim"))
    clock.advance(timedelta(minutes=31))
    factories.claim(cast, number, hire(cast, "village", region=cast.reviewers["village"].region))
    taken = cun.post(address(number, "/decisions"), data={"do": "renew", "note": NOTE, "decision": "reject"})
    assert taken.status_code == 409
    assert "村级核对岗正在办理，最晚到 11:01" in taken.text
    assert "照片看不清，𠮷&lt;b&gt;" in taken.text
    assert cun.post(address(number, "/claim")).status_code == 409


def test_a_decision_pressed_twice_is_made_once(cun: Clerk, cast: Cast, number: str) -> None:
    cun.post(address(number, "/claim"))
    own = hidden(cun.page(address(number)))
    fields = {"fence": own["fence"], "idempotency_key": own["idempotency_key"], "decision": "approve"}
    answers = [cun.post(address(number, "/decisions"), data=fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert cun.page(address(number)).count("<b>通过，交上一级</b>") == 1


def test_a_session_that_ended_keeps_the_words(app: Flask, cun: Clerk, cast: Cast, number: str) -> None:
    cun.post(address(number, "/claim"))
    cun.leave()
    answer = cun.post(address(number, "/decisions"), decision="reject", note=NOTE)
    assert answer.status_code == 401
    assert "您刚才写的话都在" in answer.text
    assert hidden(answer.text)["stash"]
    assert cun.get(address(number)).headers["Location"] == f"/staff/login?next={address(number)}"


def test_a_case_given_back_waits_again(cun: Clerk, number: str) -> None:
    cun.post(address(number, "/claim"))
    assert cun.post(address(number, "/release")).headers["Location"] == f"/staff?done=release&number={number}"
    assert '<span class="tag free">未领</span>' in cun.page("/staff")


def test_changes_are_shown_before_and_after(cun: Clerk, cast: Cast) -> None:
    row = factories.in_correction(cast)
    factories.answer(cast, row.id, current_address="上海市浦东新区")
    factories.hand_in(cast, row.id, "王㐂", "id_card", "two")
    factories.resubmit(cast, row.id)
    page = cun.page(address(row.number))
    assert "补正后改了 2 处" in page
    assert "<del>江苏省苏州市昆山市玉山镇</del>" in page
    assert "<ins>上海市浦东新区</ins>" in page


def test_reopening_warns_and_asks_why(app: Flask, cast: Cast) -> None:
    number = factories.issued(cast).number
    zhen = Clerk(app).sit_down(cast.reviewers["town"].id)
    assert "重新审核会马上撤销已发的证件" in zhen.page(address(number))
    empty = zhen.post(address(number, "/reopening"), reason="  ")
    assert empty.status_code == 422
    assert zhen.post(address(number, "/reopening"), reason="信息有误").headers["Location"] == address(number)
    assert "领办这件" in zhen.page(address(number))
    assert zhen.post(address(number, "/reopening"), reason="再来").status_code == 409


def test_the_audit_is_a_readable_table(cun: Clerk, number: str) -> None:
    cun.post(address(number, "/claim"))
    page = cun.page(address(number, "/audit"))
    assert [word for word in ("申请人", "提交", "村级核对岗", "领办") if word not in page] == []


def test_a_foreign_case_looks_like_none(app: Flask, cast: Cast, number: str) -> None:
    far = Clerk(app).sit_down(hire(cast, "village", region="370402002001").id)
    for path in (address(number), address("YG2611-AAAAAA"), address(number, "/audit")):
        assert far.get(path).status_code == 404
    assert far.post(address(number, "/claim")).status_code == 404
    assert far.post(address(number, "/decisions"), decision="approve", fence="1").status_code == 404
