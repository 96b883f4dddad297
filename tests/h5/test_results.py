"""The pages of a result: brought in by a nurse, opened with a code by one person, erased."""

from __future__ import annotations

import io

import pytest
from flask import Flask

from backend.kernel import ids
from tests import booking, files
from tests.h5.booker import page_of
from tests.h5.clerk import Clerk
from tests.h5.phone import Phone, hidden
from tests.h5.test_pages_render import CHOICES, sound
from tests.people import Cast
from tests.results import Visit, visit


@pytest.fixture
def cast(cast: Cast) -> Cast:
    booking.open_stations(cast)
    return cast


@pytest.fixture
def seen(cast: Cast) -> Visit:
    return visit(cast)


@pytest.fixture
def phone(app: Flask, seen: Visit) -> Phone:
    return Phone(app).enter(seen.mine)


@pytest.fixture
def nurse(app: Flask, seen: Visit) -> Clerk:
    return Clerk(app).sit_down(seen.nurse.id)


def desk(seen: Visit) -> str:
    return f"/staff/results/{ids.encode(seen.booking_id)}"


def bring_in(nurse: Clerk, seen: Visit, **fields: object) -> object:
    form = {**hidden(nurse.page(desk(seen))), "whose": "booker", "risk": "consult", **fields}
    return nurse.post(desk(seen), data=form)


def open_up(phone: Phone, path: str) -> str:
    """Through the second step to the page."""
    first = phone.get(path)
    assert first.status_code == 303
    asked = phone.page(first.location)
    assert "只给您一个人看" in asked
    assert "发到了 138****0007" in phone.post("/second-step/code", data=hidden(asked)).text
    done = phone.post("/second-step", code=phone.code(), next=hidden(asked)["next"])
    assert done.status_code == 303
    return phone.page(done.location)


def test_a_nurse_finds_the_visit_by_its_letters_and_brings_a_letter_in(
    cast: Cast, seen: Visit, nurse: Clerk, phone: Phone
) -> None:
    code = booking.load(cast, seen.booking_id).code
    found = nurse.get(f"/staff/results?code={code.lower()}")
    assert found.location.endswith(desk(seen))
    done = bring_in(nurse, seen, file=(io.BytesIO(files.pdf()), "王㐂.pdf"))
    page = nurse.page(done.location)  # type: ignore[attr-defined]
    assert "放好了" in page
    assert 'href="/staff/results">放下一份' in page
    assert "已放入" in page
    mine = open_up(phone, page_of(seen.booking_id, "/result"))
    assert "建议再和医生聊一聊" in mine
    letter = phone.get(page_of(seen.booking_id, "/result/letter.pdf"))
    assert letter.data.startswith(b"%PDF")
    assert "letter.pdf" in letter.headers["Content-Disposition"]


def test_the_nurses_page_never_says_what_is_in_it(seen: Visit, nurse: Clerk) -> None:
    seen.put(risk="consult")
    assert 'value="consult" checked' not in nurse.page(desk(seen))
    assert nurse.get(f"/bookings/{ids.encode(seen.booking_id)}/result").status_code == 303


def test_what_is_no_pdf_is_refused_beside_the_field(seen: Visit, nurse: Clerk) -> None:
    refused = bring_in(nurse, seen, file=(io.BytesIO(files.jpeg()), "a.pdf"))
    assert "这里只收 PDF" in refused.text  # type: ignore[attr-defined]
    assert seen.rows() == []
    missing = bring_in(nurse, seen, whose="")
    assert "请选是谁的结果" in missing.text  # type: ignore[attr-defined]


def test_the_partner_and_a_stranger_see_nothing(app: Flask, cast: Cast, seen: Visit) -> None:
    seen.put()
    assert "这里还没有您的结果" in Phone(app).enter(seen.theirs).page(page_of(seen.booking_id, "/result"))
    stranger = Phone(app).enter(booking.guest(cast, 20))
    for what in ("/result", "/result/letter.pdf", "/result/erasure"):
        assert stranger.get(page_of(seen.booking_id, what)).status_code == 404


def test_a_wrong_code_opens_nothing_and_keeps_the_session(seen: Visit, phone: Phone) -> None:
    seen.put()
    phone.post("/second-step/code")
    wrong = f"{(int(phone.code()) + 1) % 10**6:06d}"
    answer = phone.post("/second-step", code=wrong, next="/")
    assert (answer.status_code, "验证码不对" in answer.text) == (422, True)
    assert phone.post("/second-step", code="x", next="//evil.example").status_code == 422
    assert phone.get(page_of(seen.booking_id, "/result")).status_code == 303


def test_erasing_asks_once_and_is_for_good(seen: Visit, phone: Phone) -> None:
    seen.put()
    assert phone.post(page_of(seen.booking_id, "/result/erasure")).location.startswith("/second-step")
    open_up(phone, page_of(seen.booking_id, "/result/erasure"))
    gone = phone.post(page_of(seen.booking_id, "/result/erasure"))
    assert "已删除" in phone.page(gone.location)
    assert "这里还没有您的结果" in phone.page(page_of(seen.booking_id, "/result"))


def test_results_are_listed_without_a_word_of_what_is_in_them(seen: Visit, phone: Phone) -> None:
    assert "这里还没有您的结果" in phone.page("/results")
    seen.put(risk="consult")
    page = phone.page("/results")
    assert page_of(seen.booking_id, "/result") in page
    assert "医生" not in page
    assert "Demo station A" in phone.page("/results?lang=en")


@pytest.mark.parametrize("choice", CHOICES)
def test_pages_are_sound_in_every_mode(seen: Visit, phone: Phone, nurse: Clerk, choice: dict[str, str]) -> None:
    before = [phone.page(path) for path in ("/results", page_of(seen.booking_id, "/result"))]
    assert all(sound(page) for page in before)
    seen.put()
    open_up(phone, page_of(seen.booking_id, "/result"))
    for name, value in choice.items():
        phone.choose(name, value)
        nurse.choose(name, value)
    for path in ("/results", page_of(seen.booking_id, "/result"), page_of(seen.booking_id, "/result/erasure")):
        assert sound(phone.page(path)), path
    for path in ("/staff/results", desk(seen)):
        assert sound(nurse.page(path)), path
