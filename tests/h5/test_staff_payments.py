"""Payments at the console: dry run, freezing, a second person, files out and in, and mending what failed."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from backend.models.benefit import PaymentBatch
from tests import benefits, payments as pay
from tests.h5.clerk import Clerk
from tests.h5.phone import hidden
from tests.people import COUNTY, TOWN, VILLAGE, Cast, hire

HOME = "/staff/payments"
NEW = f"{HOME}/new?item=family-award&period=2026"


@pytest.fixture
def zhen(app: Flask, cast: Cast) -> Clerk:
    return Clerk(app).sit_down(cast.reviewers["town"].id)


@pytest.fixture
def xian(app: Flask, cast: Cast) -> Clerk:
    return Clerk(app).sit_down(cast.reviewers["county"].id)


@pytest.fixture
def batch(cast: Cast) -> PaymentBatch:
    """Three payments that the county has yet to approve."""
    benefits.crowd(cast, 3)
    return pay.prepare(cast)


def page_of(batch: PaymentBatch, rest: str = "") -> str:
    return f"{HOME}/{batch.number}{rest}"


def upload(clerk: Clerk, batch: PaymentBatch, content: bytes, name: str = "回盘.csv") -> TestResponse:
    data = {"csrf_token": clerk.csrf(), "file": (io.BytesIO(content), name)}
    return clerk.client.post(page_of(batch, "/bank-returns"), data=data, content_type="multipart/form-data")


def test_an_empty_list_says_what_will_stand_here(zhen: Clerk) -> None:
    page = zhen.page(HOME)
    assert "还没有发放批次" in page
    assert "准备一批" in page


def test_the_room_is_for_towns_and_counties(app: Flask, zhen: Clerk, cast: Cast) -> None:
    cun = Clerk(app).sit_down(cast.reviewers["village"].id)
    assert HOME in zhen.page("/staff")
    assert HOME not in cun.page("/staff")
    assert {cun.get(path).status_code for path in (HOME, f"{HOME}/new", NEW, f"{HOME}/failures")} == {403}


def test_what_can_be_prepared_is_offered_by_period(zhen: Clerk) -> None:
    page = zhen.page(f"{HOME}/new")
    assert "item=family-award&amp;period=2026" in page
    assert "item=special-support&amp;period=2026-11" in page
    assert "item=special-support&amp;period=2026-10" in page
    assert "item=hardship-support&amp;period=once" in page
    assert "婚育情况证明" not in page


def test_a_dry_run_shows_sums_and_freezes_nothing(zhen: Clerk, cast: Cast) -> None:
    benefits.crowd(cast, 3)
    benefits.recipient(cast, "李䶮", 8, amount_class="")
    page = zhen.page(NEW)
    assert "2,880.00 元" in page
    assert "没有定档次" in page
    assert "李*" in page
    assert "还没有发放批次" in zhen.page(HOME)


def test_freezing_twice_makes_one_batch(zhen: Clerk, cast: Cast) -> None:
    benefits.crowd(cast, 3)
    fields = hidden(zhen.page(NEW))
    answers = [zhen.post(HOME, data=fields) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert "这一期没有等着发的人" in zhen.page(NEW)
    assert zhen.post(HOME, item="family-award", period="2026").status_code == 409


@pytest.mark.parametrize(
    "query", ["item=family-award&period=2099", "item=family-award&period=x", "item=migrant-proof&period=2026"]
)
def test_a_wrong_period_is_said_in_words(zhen: Clerk, query: str) -> None:
    page = zhen.page(f"{HOME}/new?{query}")
    assert 'role="alert"' in page
    assert "发哪一期" in page


def test_the_preparer_waits_for_a_second_person(app: Flask, xian: Clerk, cast: Cast) -> None:
    benefits.crowd(cast, 1)
    batch = pay.prepare(cast, "county")
    assert "同意发放" not in xian.page(page_of(batch))
    assert xian.post(page_of(batch, "/approval")).status_code == 403
    other = Clerk(app).sit_down(hire(cast, "county", region=COUNTY).id)
    assert "同意发放" in other.page(page_of(batch))
    assert other.post(page_of(batch, "/approval")).status_code == 303
    assert "已审核，等导出" in other.page(page_of(batch))


def test_the_list_is_masked(xian: Clerk, batch: PaymentBatch) -> None:
    page = xian.page(page_of(batch))
    assert "王*" in page
    assert "****0000" in page
    assert "王㐂" not in page
    assert "新增&nbsp;" in page
    assert "没有打成" not in page


def test_nothing_is_exported_before_approval(zhen: Clerk, xian: Clerk, batch: PaymentBatch) -> None:
    assert "交给银行的文件" not in zhen.page(page_of(batch))
    refused = zhen.post(page_of(batch, "/export/csv"))
    assert (refused.status_code, "审核通过以后才能导出" in refused.text) == (409, True)
    xian.post(page_of(batch, "/approval"))
    sheet = zhen.post(page_of(batch, "/export/csv"), encoding="gb18030")
    assert "王㐂" in sheet.data.decode("gb18030")
    assert zhen.post(page_of(batch, "/export/xlsx")).data.startswith(b"PK")
    assert "等银行回盘" in zhen.page(page_of(batch))
    assert zhen.get(page_of(batch, "/export/csv")).status_code == 405


def test_sending_back_needs_words_and_keeps_them(zhen: Clerk, xian: Clerk, batch: PaymentBatch) -> None:
    refused = xian.post(page_of(batch, "/discard"), reason="  ")
    assert (refused.status_code, "请填写这一项" in refused.text) == (422, True)
    assert xian.post(page_of(batch, "/discard"), reason="少了<b>三</b>个村").status_code == 303
    page = zhen.page(page_of(batch))
    assert "少了&lt;b&gt;三&lt;/b&gt;个村" in page
    assert "已退回" in page


def test_a_wrong_file_is_answered_line_by_line(zhen: Clerk, cast: Cast, batch: PaymentBatch) -> None:
    pay.approve(cast, batch)
    pay.export(cast, batch)
    good = pay.answers(cast, batch)
    refused = upload(zhen, batch, good.replace(b"960.00", b"960.01", 1))
    assert refused.status_code == 422
    assert "第 5 行：合计行的金额和各行相加不一样" in refused.text
    assert "一行也没有记入" in refused.text
    assert upload(zhen, batch, b"PK\x03\x04", "a.xlsx").status_code == 422
    assert upload(zhen, batch, b"", "").status_code == 422
    assert upload(zhen, batch, b"x" * (6 * 2**20)).status_code == 413
    assert upload(zhen, batch, good).status_code == 303
    assert "已办结" in zhen.page(page_of(batch))


def test_a_failure_is_mended_and_waits_for_the_next_batch(zhen: Clerk, cast: Cast) -> None:
    benefits.recipient(cast)
    batch = pay.exported(cast)
    (payment,) = pay.payments(cast, batch)
    reason = '"=1+1 <script>"'
    pay.take_in(cast, batch, pay.answers(cast, batch, refused=[payment.reference], reason=reason))
    assert "银行没有打成 1 笔" in zhen.page(HOME)
    address = f"{HOME}/failures/{payment.reference}"
    assert address in zhen.page(f"{HOME}/failures")
    page = zhen.page(address)
    assert "=1+1 &lt;script&gt;" in page
    refused = zhen.post(address, bank="另一家银行", number="12")
    assert (refused.status_code, "8 到 30 位数字" in refused.text, "另一家银行" in refused.text) == (422, True, True)
    assert zhen.post(address, name="", bank="另一家银行", number="6222 0000 1111 2222 333").status_code == 303
    assert "账户已改，等下一批" in zhen.page(f"{HOME}/failures")
    assert "换了账户" in zhen.page(NEW)


def test_strangers_find_nothing(app: Flask, cast: Cast, batch: PaymentBatch) -> None:
    far = Clerk(app).sit_down(hire(cast, "town", region="370402002000").id)
    assert batch.number not in far.page(HOME)
    assert far.get(page_of(batch)).status_code == 404
    assert far.get(f"{HOME}/failures/P0000000000000").status_code == 404
    for verb in ("approval", "discard", "export/csv"):
        assert far.post(page_of(batch, f"/{verb}"), reason="不对").status_code == 404
    nobody = Clerk(app)
    assert nobody.get(HOME).status_code == 303


def test_chips_narrow_the_list(zhen: Clerk, cast: Cast, batch: PaymentBatch) -> None:
    pay.approve(cast, batch)
    pay.export(cast, batch)
    one = pay.payments(cast, batch)[0].reference
    pay.take_in(cast, batch, pay.answers(cast, batch, refused=[one]))
    shown = re.findall(r"P[0-9A-Z]{13}", zhen.page(page_of(batch, "?outcome=failed")))
    assert shown == [one]
    assert len(re.findall(r"P[0-9A-Z]{13}", zhen.page(page_of(batch, "?show=nonsense&outcome=x")))) == 3
    assert zhen.get(page_of(batch, "?cursor=x")).status_code == 422


def test_who_stopped_after_freezing_is_announced(xian: Clerk, cast: Cast) -> None:
    who = benefits.recipient(cast, village=VILLAGE, town=TOWN)
    batch = pay.prepare(cast)
    pay.end_today(cast, who)
    assert "有 1 人停发了" in xian.page(page_of(batch))
