"""Notices in the pages: read by anybody, objected to without a login, gone after the end, answered at the console."""

from __future__ import annotations

import pytest
from flask import Flask

from backend.kernel import ids
from tests import announced, factories as make
from tests.h5.clerk import Clerk, address
from tests.h5.phone import Phone, hidden
from tests.people import TOWN, VILLAGE, Cast, hire, id_number

WORDS = {"text": announced.TEXT}


@pytest.fixture
def case(cast: Cast) -> int:
    """A case in the first day of its notice."""
    row = announced.announced(cast)
    announced.begin(cast, row.id)
    return row.id


def page_of(cast: Cast, case: int, rest: str = "") -> str:
    return f"/notices/{ids.encode(announced.notice(cast, case).id)}{rest}"


def test_anybody_goes_from_the_town_to_the_notice(stranger: Phone, cast: Cast, case: int) -> None:
    assert f"/notices/{TOWN}" in stranger.page("/notices")
    assert page_of(cast, case) in stranger.page(f"/notices/{TOWN}")
    assert page_of(cast, case) in stranger.page(f"/notices/{VILLAGE}")
    page = stranger.page(page_of(cast, case))
    assert [word for word in ("王*", "铁西居委会", "每年 960 元", "11 月 30 日") if word not in page] == []
    assert [word for word in ("王㐂", id_number(7), "1960", "YG26", "0000000000000000") if word in page] == []


def test_no_engine_lists_it_and_nothing_keeps_it(stranger: Phone, cast: Cast, case: int) -> None:
    for path in ("/notices", f"/notices/{TOWN}", page_of(cast, case), "/objections"):
        answer = stranger.get(path)
        assert answer.headers["X-Robots-Tag"].startswith("noindex")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers
        assert '<meta name="robots" content="noindex, nofollow, noarchive">' in answer.text


def test_reading_leaves_no_cookie(stranger: Phone, cast: Cast, case: int) -> None:
    for path in ("/notices", f"/notices/{TOWN}", page_of(cast, case)):
        assert "Set-Cookie" not in stranger.get(path).headers


def test_after_the_end_nothing_is_left_on_any_page(stranger: Phone, phone: Phone, cast: Cast, case: int) -> None:
    own, number = page_of(cast, case), announced.notice(cast, case).number
    announced.pass_by(cast, case)
    for path, status in (
        (own, 410),
        (f"{own}/objection", 410),
        (f"/notices/{TOWN}", 200),
        (f"/notices/{VILLAGE}", 200),
    ):
        answer = stranger.get(path)
        assert answer.status_code == status
        assert [word for word in ("王*", number, "960") if word in answer.text] == []
    assert "公示已经结束" in stranger.get(own).text
    assert "现在没有" in stranger.page("/notices")


def test_unknown_places_and_notices_are_not_found(stranger: Phone, cast: Cast) -> None:
    for path in ("/notices/370402009999", "/notices/０", "/notices/0000000000000", "/notices?region=1", "/notices/1"):
        assert stranger.get(path).status_code == 404
    assert stranger.get(f"/notices?region={VILLAGE}").headers["Location"] == f"/notices/{VILLAGE}"


def test_an_objection_gives_a_code_once_and_the_code_reads_the_answer(stranger: Phone, cast: Cast, case: int) -> None:
    form = page_of(cast, case, "/objection")
    key = hidden(stranger.page(form))["idempotency_key"]
    answers = [stranger.post(form, idempotency_key=key, **WORDS).text for _ in range(2)]
    codes = {page.split('<p class="big num">')[1].split("<")[0] for page in answers}
    assert len(codes) == len(announced.objections_of(cast, case)) == 1
    assert "正在核实，还没有答复" in stranger.post("/objections", code=codes.pop().lower()).text
    wrong = stranger.post("/objections", code="nonsense")
    assert (wrong.status_code, "没有查到" in wrong.text) == (404, True)


def test_a_refused_objection_keeps_its_words(stranger: Phone, cast: Cast, case: int) -> None:
    form = page_of(cast, case, "/objection")
    for text, said in (
        ("", "请填写这一项"),
        ("不对", "至少 5 个字"),
        (f"他的证件 {id_number(9)} 是假的", "请删掉再交"),
    ):
        answer = stranger.post(form, text=text, name="李某", contact="0632-0000001")
        assert (answer.status_code, said in answer.text, "李某" in answer.text) == (422, True, True)
    assert announced.objections_of(cast, case) == []


def test_an_objection_needs_the_forms_own_value(stranger: Phone, cast: Cast, case: int) -> None:
    assert stranger.post(page_of(cast, case, "/objection"), bare=True, **WORDS).status_code in (401, 403)


def test_the_applicant_sees_the_notice_and_that_somebody_objected(phone: Phone, cast: Cast, case: int) -> None:
    own = f"/applications/{ids.encode(case)}"
    page = phone.page(own)
    assert [word for word in ("正在公示", "公示 11 月 24 日（周二） 到 11 月 30 日（周一）") if word not in page] == []
    announced.object_to(cast, announced.notice(cast, case).id, name="李某")
    page = phone.page(own)
    assert "有人提出了异议" in page
    assert [word for word in ("李某", announced.TEXT) if word in page] == []


def test_the_office_answers_and_the_case_comes_back(app: Flask, cast: Cast, case: int) -> None:
    announced.object_to(cast, announced.notice(cast, case).id, name="李某")
    cun = Clerk(app).sit_down(cast.reviewers["village"].id)
    page = cun.page("/staff/notices")
    assert "等答复的异议 1 条" in page
    own = f"/staff/objections/{ids.encode(announced.objections_of(cast, case)[0].id)}"
    assert own in page
    assert [word for word in (announced.TEXT, "李某") if word not in cun.page(own)] == []
    empty = cun.post(f"{own}/answer", answer="写了")
    assert (empty.status_code, "写了" in empty.text) == (422, True)
    told = cun.post(f"{own}/answer", upheld="yes", answer="核实确已搬走，重新审核。")
    assert told.headers["Location"] == "/staff/notices?done=upheld"
    case_page = cun.page(address(make.load(cast, case).number))
    assert [word for word in ("异议成立，公示提前撤下", "领办这件") if word not in case_page] == []
    assert cun.post(f"{own}/answer", upheld="no", answer="再答一次").status_code == 409


def test_the_office_reads_what_approving_brings_and_until_when(app: Flask, cast: Cast) -> None:
    row = make.submitted(cast, item="family-award")
    cun = Clerk(app).sit_down(cast.reviewers["village"].id)
    cun.post(address(row.number, "/claim"))
    assert "通过，先公示 5 个工作日" in cun.page(address(row.number))
    own = {k: v for k, v in hidden(cun.page(address(row.number))).items() if k in ("fence", "idempotency_key")}
    done = cun.post(address(row.number, "/decisions"), data=own | {"decision": "approve"})
    assert done.headers["Location"] == f"/staff?done=notice&number={row.number}"
    page = cun.page(address(row.number))
    assert "公示 11 月 24 日（周二） 到 11 月 30 日（周一）" in page
    assert "领办这件" not in page
    late = cun.post(address(row.number, "/claim"))
    assert (late.status_code, "2026-11-30" in late.text) == (409, True)


def test_a_stranger_to_the_place_sees_no_objection(app: Flask, cast: Cast, case: int) -> None:
    announced.object_to(cast, announced.notice(cast, case).id)
    far = Clerk(app).sit_down(hire(cast, "town", region="370402002000").id)
    assert "现在没有公示" in far.page("/staff/notices")
    own = f"/staff/objections/{ids.encode(announced.objections_of(cast, case)[0].id)}"
    assert far.get(own).status_code == 404
    assert far.post(f"{own}/answer", upheld="yes", answer="写了").status_code == 404
