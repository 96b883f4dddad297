"""Corrections, consents, questions and notes as both sides see them; applying again by one tap."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from backend.applications import due
from tests import correcting, factories as make
from tests.clock import MovableClock
from tests.h5.clerk import Clerk, address
from tests.h5.phone import Phone, hidden
from tests.people import EMPTY_VILLAGE, Cast, hire

NOTE = "内部备注，和派出所核对过𠮷<b>"
ASK = "您住几号楼？<b>"


@pytest.fixture
def cun(app: Flask, cast: Cast) -> Clerk:
    return Clerk(app).sit_down(cast.reviewers["village"].id)


@pytest.fixture
def zhen(app: Flask, cast: Cast) -> Clerk:
    return Clerk(app).sit_down(cast.reviewers["town"].id)


def decide(clerk: Clerk, number: str, **fields: object) -> tuple[int, str]:
    clerk.post(address(number, "/claim"))
    own = {k: v for k, v in hidden(clerk.page(address(number))).items() if k in ("fence", "idempotency_key")}
    base = {"decision": "request_correction", "note": "照片看不清", "item": "id_card", "reason.id_card": "重拍"}
    answer = clerk.post(address(number, "/decisions"), data=own | base | fields)
    return answer.status_code, answer.headers.get("Location") or answer.text


def test_a_notice_carries_what_to_hand_in_and_a_last_day(cun: Clerk, phone: Phone, cast: Cast) -> None:
    row = make.submitted(cast)
    status, _ = decide(cun, row.number or "", **{"hand_in.id_card": "身份证正面", "due_on": "2026-12-04"})
    assert status == 303
    page = phone.page(f"/applications/{seen(phone)}/correction")
    assert "要交：身份证正面" in page
    assert "12 月 4 日（周五）" in page


def seen(phone: Phone) -> str:
    """The newest case of the phone's owner."""
    found = re.search(r"/applications/([0-9a-z]{13})", phone.page("/applications"))
    assert found
    return found.group(1)


def test_a_last_day_out_of_bounds_keeps_every_word(cun: Clerk, cast: Cast) -> None:
    row = make.submitted(cast)
    for day in ("2026-11-24", "gestern"):
        status, page = decide(cun, row.number or "", due_on=day, **{"hand_in.id_card": "身份证正面"})
        assert status == 422
        assert 'value="身份证正面"' in page
        assert 'id="e-due_on"' in page


def test_an_open_notice_is_edited_on_its_page(cun: Clerk, phone: Phone, cast: Cast) -> None:
    row = make.in_correction(cast)
    path = address(row.number, "/correction")
    page = cun.page(path)
    assert "看不清，请重拍" in page
    fields = {k: v for k, v in hidden(page).items() if k in ("decision", "fence", "version")}
    words = {"note": "在亮处拍", "item": "id_card", "reason.id_card": "反光"}
    assert cun.post(path, data=fields | words).status_code == 303
    assert "改过，申请人已收到消息" in cun.page(address(row.number))
    page = phone.page(f"/applications/{seen(phone)}/correction")
    assert "反光" in page
    assert "看原来写的" in page
    assert "照片看不清" in page


def test_two_browsers_edit_and_the_second_keeps_its_words(cun: Clerk, cast: Cast) -> None:
    row = make.in_correction(cast)
    path = address(row.number, "/correction")
    fields = {k: v for k, v in hidden(cun.page(path)).items() if k in ("decision", "fence", "version")}
    correcting.edit(cast, row.number or "", note="同事改的")
    words = {"note": "我写的<b>", "item": "id_card", "reason.id_card": "反光"}
    late = cun.post(path, data=fields | words)
    assert late.status_code == 412
    assert "我写的&lt;b&gt;" in late.text
    assert "同事改的" in late.text
    again = fields | words | {"version": hidden(late.text)["version"]}
    assert cun.post(path, data=again).status_code == 303


def test_an_edit_of_a_notice_that_was_cancelled_shows_the_case(cun: Clerk, cast: Cast) -> None:
    row = make.in_correction(cast)
    path = address(row.number, "/correction")
    fields = hidden(cun.page(path))
    correcting.cancel(cast, row.number or "")
    assert cun.post(path, data=fields | {"note": "x", "item": "id_card"}).headers["Location"] == address(row.number)
    assert cun.get(path).headers["Location"] == address(row.number)


def test_a_cancelled_notice_tells_the_applicant_why(cun: Clerk, phone: Phone, cast: Cast) -> None:
    row = make.in_correction(cast)
    path = address(row.number, "/correction/cancellation")
    fields = {k: v for k, v in hidden(cun.page(path)).items() if k in ("idempotency_key", "version")}
    assert cun.post(path, data=fields | {"note": " "}).status_code == 422
    answers = [cun.post(path, data=fields | {"note": "照片其实清楚"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    page = phone.page(f"/applications/{seen(phone)}")
    assert "不用补正了，接着办" in page
    assert "照片其实清楚" in page
    assert "以前的补正通知 1 份" in cun.page(address(row.number))


def test_a_second_notice_asks_why_and_is_consented_to(cun: Clerk, zhen: Clerk, cast: Cast) -> None:
    row = make.in_correction(cast)
    make.resubmit(cast, row.id)
    status, page = decide(cun, row.number or "")
    assert status == 422
    assert "为什么还要再补一次" in page
    status, where = decide(cun, row.number or "", reason_code="new_fact")
    assert (status, where) == (303, f"/staff?done=propose&number={row.number}")
    assert "再次补正在等镇（街道）同意" in cun.page(address(row.number))
    assert row.number in zhen.page("/staff/consents")
    path = address(row.number, "/correction/consent")
    key = hidden(zhen.page(path))["idempotency_key"]
    assert zhen.post(path, data={"idempotency_key": key}).status_code == 422
    assert zhen.post(path, data={"idempotency_key": key + "2", "consent": "yes"}).status_code == 303
    assert "已通知补正 1 处" in cun.page(address(row.number))
    assert "没有等您同意的" in zhen.page("/staff/consents")


def test_a_refused_second_notice_shows_its_reason(cun: Clerk, zhen: Clerk, cast: Cast) -> None:
    row = correcting.proposed(cast)
    path = address(row.number, "/correction/consent")
    empty = zhen.post(path, data={"consent": "no", "note": ""})
    assert empty.status_code == 422
    assert 'value="no" checked' in empty.text
    assert zhen.post(path, data={"consent": "no", "note": "材料够了"}).status_code == 303
    assert "没有同意：材料够了" in cun.page(address(row.number))
    late = zhen.post(path, data={"consent": "yes"})
    assert late.status_code == 409
    assert "已经有人处理过了" in late.text


def test_the_author_may_not_consent_and_takes_it_back(cun: Clerk, cast: Cast) -> None:
    row = correcting.proposed(cast)
    own = cun.post(address(row.number, "/correction/consent"), data={"consent": "yes"})
    assert own.status_code == 403
    assert cun.post(address(row.number, "/correction/proposal/removal")).status_code == 303
    assert "再次补正在等" not in cun.page(address(row.number))


def test_no_decision_is_offered_while_a_proposal_waits(cun: Clerk, cast: Cast) -> None:
    row = correcting.proposed(cast)
    cun.post(address(row.number, "/claim"))
    page = cun.page(address(row.number))
    assert 'name="decision"' not in page
    assert "收回，不发了" in page


def test_the_clerk_sees_which_lines_were_mended(cun: Clerk, cast: Cast) -> None:
    row = make.in_correction(cast)
    make.hand_in(cast, row.id, "王㐂", make.photo(cast), "two")
    make.resubmit(cast, row.id)
    assert "通知里的 1 条，改了 1 条" in cun.page(address(row.number))


def test_a_question_is_replied_to_once(cun: Clerk, phone: Phone, cast: Cast) -> None:
    row = make.submitted(cast)
    cun.post(address(row.number, "/claim"))
    key = hidden(cun.page(address(row.number)))["idempotency_key"].removesuffix("-n")
    answers = [cun.post(address(row.number, "/questions"), question=ASK, idempotency_key=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    page = phone.page(f"/applications/{seen(phone)}")
    assert page.count("您住几号楼？&lt;b&gt;") == 1
    where = re.search(r'href="(/applications/[^"]+/questions/[^"]+)"', page)
    assert where
    assert phone.post(where.group(1), text=" ").status_code == 422
    replies = [phone.post(where.group(1), text="三号楼", idempotency_key="r") for _ in range(2)]
    assert [answer.status_code for answer in replies] == [303, 303]
    late = phone.post(where.group(1), text="四号楼")
    assert late.status_code == 409
    assert "已经回答过了" in late.text
    assert "三号楼" in cun.page(address(row.number))


def test_a_question_without_the_claim_keeps_its_words(cun: Clerk, cast: Cast) -> None:
    row = make.submitted(cast)
    answer = cun.post(address(row.number, "/questions"), question=ASK)
    assert answer.status_code == 409
    assert "您住几号楼？&lt;b&gt;" in answer.text


def test_a_note_is_for_clerks_only(cun: Clerk, zhen: Clerk, phone: Phone, cast: Cast) -> None:
    row = make.submitted(cast)
    assert cun.post(address(row.number, "/notes"), remark=NOTE).status_code == 303
    assert "和派出所核对过𠮷&lt;b&gt;" in zhen.page(address(row.number))
    case = seen(phone)
    rules = [rule for rule in phone.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    looked = 0
    for rule in rules:
        path = rule.rule.replace("<id:application>", case)
        if "<" in path or path.startswith(("/api", "/staff", "/admin", "/metrics")):
            continue
        assert "和派出所核对过".encode() not in phone.get(path).get_data()
        looked += 1
    assert looked > 20


@pytest.mark.parametrize(
    "rest", ["/correction", "/correction/cancellation", "/correction/consent", "/questions", "/notes"]
)
def test_another_village_finds_nothing(app: Flask, cast: Cast, rest: str) -> None:
    row = make.in_correction(cast)
    other = Clerk(app).sit_down(hire(cast, "village", region=EMPTY_VILLAGE).id)
    fields = {"note": "x", "question": "x", "remark": "x", "consent": "yes"}
    assert other.post(address(row.number, rest), data=fields).status_code == 404


def test_a_lapsed_case_says_so_and_is_applied_for_again_by_one_tap(
    phone: Phone, cun: Clerk, cast: Cast, clock: MovableClock
) -> None:
    row = make.in_correction(cast)
    clock.advance(timedelta(days=15))
    cast.run(due.lapse_corrections, now=cast.clock())
    case = seen(phone)
    page = phone.page(f"/applications/{case}")
    assert "逾期未补正，已终止" in page
    assert "您撤回了申请" not in page
    assert "再申请一次，内容都带过来" in page
    assert "逾期未补正，已终止" in cun.page(address(row.number))
    answers = [phone.post(f"/applications/{case}/renewal") for _ in range(2)]
    where = {answer.headers["Location"] for answer in answers}
    assert len(where) == 1
    assert phone.get(where.pop()).status_code == 200


def test_progress_without_login_says_that_it_lapsed(stranger: Phone, cast: Cast, clock: MovableClock) -> None:
    row = make.in_correction(cast)
    clock.advance(timedelta(days=15))
    cast.run(due.lapse_corrections, now=cast.clock())
    page = stranger.post("/progress", number=row.number or "", mobile_last4="0007").text
    assert "逾期未补正，已终止" in page
    assert "已经撤回" not in page
