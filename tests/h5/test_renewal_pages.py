"""Renewing a certificate: from the message to a prefilled draft with one press."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.models.application import Application
from backend.models.certificate import Certificate
from tests import factories as make
from tests.h5.phone import Phone, hidden
from tests.people import Cast


@pytest.fixture
def number(cast: Cast, phone: Phone) -> str:
    """A certificate of whoever holds the phone."""
    make.issued(cast)
    with cast.db.reading() as session:
        return session.scalars(select(Certificate.number)).one()


def drafts(cast: Cast) -> list[Application]:
    with cast.db.reading() as session:
        return list(session.scalars(select(Application).where(Application.status == "draft")))


def test_far_from_its_end_the_page_says_so_and_a_press_changes_nothing(phone: Phone, cast: Cast, number: str) -> None:
    page = phone.page(f"/certificates/{number}/renewal")
    assert "这份证件现在不用续办" in page
    assert "renewal" not in phone.page(f"/certificates/{number}")
    answer = phone.post(f"/certificates/{number}/renewal", idempotency_key="k" * 20)
    assert answer.status_code == 409
    assert "快到期的时候会告诉您" in answer.text
    assert drafts(cast) == []


def test_one_press_begins_the_next_one_and_a_second_opens_the_same(phone: Phone, cast: Cast, number: str) -> None:
    cast.clock.advance(timedelta(days=340))
    phone.enter(cast.residents["王㐂"])
    assert f'href="/certificates/{number}/renewal"' in phone.page(f"/certificates/{number}")
    page = phone.page(f"/certificates/{number}/renewal")
    kept = {name: value for name, value in hidden(page).items() if name == "idempotency_key"}
    places = {phone.post(f"/certificates/{number}/renewal", data=kept).headers["Location"] for _ in range(2)}
    places.add(phone.post(f"/certificates/{number}/renewal", idempotency_key="another-key-altogether").location)
    assert len(places) == 1
    [draft] = drafts(cast)
    assert draft.previous_id is not None
    assert "内容带过来了" in phone.page(places.pop())


def test_once_handed_in_the_press_leads_to_that_case(phone: Phone, cast: Cast, number: str) -> None:
    cast.clock.advance(timedelta(days=340))
    phone.enter(cast.residents["王㐂"])
    phone.post(f"/certificates/{number}/renewal", idempotency_key="k" * 20)
    [draft] = drafts(cast)
    make.hand_in(cast, draft.id, "王㐂", make.photo(cast))
    make.submit(cast, draft.id)
    answer = phone.post(f"/certificates/{number}/renewal", idempotency_key="j" * 20)
    assert answer.status_code == 303
    assert "/applications/" in answer.headers["Location"]


def test_strangers_sign_in_first_and_others_find_nothing(app: object, stranger: Phone, cast: Cast, number: str) -> None:
    assert stranger.get(f"/certificates/{number}/renewal").status_code == 303
    other = Phone(stranger.app).enter(cast.resident("李四", 8))
    assert other.get(f"/certificates/{number}/renewal").status_code == 404
    assert other.post(f"/certificates/{number}/renewal", idempotency_key="k" * 20).status_code == 404
