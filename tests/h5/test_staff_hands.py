"""The console's own inbox, takeover, family and days off; two browsers at one case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from backend.accounts import demo, relatives
from backend.applications import digest
from backend.kernel.ids import encode
from backend.models.staff import Staff
from tests import factories
from tests.clock import MovableClock
from tests.h5.clerk import Clerk, address
from tests.h5.phone import hidden
from tests.people import VILLAGE, Cast, hire, id_number

NOTE = "照片看不清，𠮷<b>"


@pytest.fixture
def cun(app: Flask, cast: Cast) -> Clerk:
    return Clerk(app).sit_down(cast.reviewers["village"].id)


@pytest.fixture
def zhen(app: Flask, cast: Cast) -> Clerk:
    return Clerk(app).sit_down(cast.reviewers["town"].id)


@pytest.fixture
def number(cast: Cast) -> str:
    return factories.submitted(cast).number or ""


def take_over(clerk: Clerk, number: str, **fields: str) -> tuple[int, str]:
    answer = clerk.post(address(number, "/takeover"), data={"takeover_reason": "今天到期"} | fields)
    return answer.status_code, answer.text


def test_the_loser_of_a_case_keeps_every_word_and_reads_why(cun: Clerk, zhen: Clerk, number: str) -> None:
    cun.post(address(number, "/claim"))
    own = {k: v for k, v in hidden(cun.page(address(number))).items() if k in ("fence", "idempotency_key")}
    assert "换人办这件" in zhen.page(address(number))
    assert "换人办这件" not in cun.page(address(number))
    assert take_over(zhen, number)[0] == 303
    late = cun.post(address(number, "/decisions"), data=own | {"decision": "reject", "note": NOTE, "remedy": "重拍"})
    assert late.status_code == 409
    assert "照片看不清，𠮷&lt;b&gt;" in late.text
    assert '<span class="badge">1' in cun.page("/staff")
    assert "今天到期" in first_message(cun)
    assert "badge" not in cun.page("/staff")


def first_message(clerk: Clerk) -> str:
    """The newest message, opened."""
    page = clerk.page("/staff/inbox")
    return clerk.page(page.split('class="cell unread" href="')[1].split('"')[0])


def test_a_takeover_without_a_reason_says_so(cun: Clerk, zhen: Clerk, number: str) -> None:
    cun.post(address(number, "/claim"))
    status, page = take_over(zhen, number, takeover_reason=" ")
    assert status == 422
    assert "请写明为什么接手" in page or "这一项" in page


def test_only_the_level_above_is_offered_a_takeover(app: Flask, cast: Cast, cun: Clerk, number: str) -> None:
    cun.post(address(number, "/claim"))
    colleague = Clerk(app).sit_down(hire(cast, "village", region=VILLAGE).id)
    assert "换人办这件" not in colleague.page(address(number))
    assert take_over(colleague, number)[0] == 403


def test_the_morning_s_figures_stand_in_the_inbox(cast: Cast, cun: Clerk, number: str, clock: MovableClock) -> None:
    assert "还没有消息" in cun.page("/staff/inbox")
    cast.run(digest.write, calendar=cast.calendar, now=clock())
    assert "今天的件" in cun.page("/staff/inbox")
    assert "1 件" in first_message(cun)
    cast.run(digest.write, calendar=cast.calendar, now=clock.advance(timedelta(days=1)))
    assert cun.post("/staff/inbox/read").status_code == 303
    assert "unread" not in cun.page("/staff/inbox")


def test_a_message_of_somebody_else_is_not_there(cast: Cast, cun: Clerk, zhen: Clerk, number: str) -> None:
    cast.run(digest.write, calendar=cast.calendar, now=cast.clock())
    href = cun.page("/staff/inbox").split('class="cell unread" href="')[1].split('"')[0]
    assert zhen.get(href).status_code == 404


def test_family_is_declared_once_and_taken_back(cun: Clerk, cast: Cast, number: str) -> None:
    fields = {"id_type": "resident_id", "id_number": id_number(7)}
    assert cun.post("/staff/relatives", data=fields).status_code == 303
    page = cun.page("/staff/relatives")
    assert "第 1 位" in page
    assert id_number(7) not in page
    assert cun.get(address(number)).status_code == 403
    assert "要回避" in cun.page("/staff")
    with cast.db.reading() as session:
        kept = relatives.listed(session, staff_id=cast.reviewers["village"].id)
    removal = page.split('action="/staff/relatives/')[1].split('"')[0]
    assert cun.post(f"/staff/relatives/{removal}").status_code == 303
    assert len(kept) == 1
    assert cun.get(address(number)).status_code == 200


def test_a_wrong_number_of_a_relative_is_shown_with_its_fault(cun: Clerk) -> None:
    answer = cun.post("/staff/relatives", data={"id_type": "resident_id", "id_number": "123"})
    assert answer.status_code == 422
    assert "18 位" in answer.text


def test_days_off_begin_and_end(cun: Clerk) -> None:
    assert cun.post("/staff/absence", data={"until": "2026-11-25"}).status_code == 303
    assert "您请假到 11 月 25 日" in cun.page("/staff/absence")
    assert cun.post("/staff/absence", data={"do": "back"}).status_code == 303
    refused = cun.post("/staff/absence", data={"until": "昨天"})
    assert refused.status_code == 422
    assert "今天到一年以内" in refused.text


def test_everything_one_holds_is_handed_over_at_once(app: Flask, cun: Clerk, cast: Cast, number: str) -> None:
    cun.post(address(number, "/claim"))
    assert cun.post("/staff/absence/handover", data={}).headers["Location"].endswith("done=moved&n=1")
    assert "1 件已经交出去" in cun.page("/staff/absence?done=moved&n=1")
    refused = cun.post("/staff/absence/handover", data={"to": "nobody"})
    assert refused.status_code == 404
    assert "没有找到这位同事" in refused.text


def test_a_returned_case_says_why_on_top(cun: Clerk, cast: Cast, number: str) -> None:
    factories.decide(cast, number, "village", "approve")
    factories.decide(cast, number, "town", "return", note="请再核对住址")
    page = cun.page(address(number))
    assert "上一级退回来了" in page
    assert page.index("请再核对住址") < page.index("身份证人像面")


def test_a_paused_case_shows_both_sides_when_it_will_be_done(cast: Cast, cun: Clerk, phone: Clerk) -> None:
    row = factories.in_correction(cast)
    for page in (cun.page(address(row.number)), phone.page(f"/applications/{encode(row.id)}")):
        assert "最晚 11 月 26 日（周四）" in page
        assert "最晚 12 月 10 日（周四）" in page


def test_nurses_and_administrators_have_an_inbox(app: Flask, cast: Cast) -> None:
    cast.run(demo.load, now=cast.clock())
    with cast.db.reading() as session:
        found = session.scalars(select(Staff.id).where(Staff.role.in_(("nurse", "admin")))).all()
    for staff_id in found:
        assert "还没有消息" in Clerk(app).sit_down(staff_id).page("/staff/inbox")
    assert Clerk(app).get("/staff/inbox").status_code == 303
