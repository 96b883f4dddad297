"""Holding seats on the page of a slot: who comes, for which child, and what stands in the way."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from backend.models.booking import Booking, BookingSeat
from backend.models.station import Station
from tests import booking
from tests.clock import MovableClock
from tests.h5.booker import COUPLE, crowd, held, open_county, page_of, slot_page
from tests.h5.phone import Phone
from tests.people import VILLAGE, Cast


@pytest.fixture
def cast(app: Flask, clock: MovableClock) -> Cast:
    return open_county(app, clock)


@pytest.fixture
def couple(cast: Cast) -> tuple[int, int]:
    return booking.couple(cast)


@pytest.fixture
def phone(app: Flask, couple: tuple[int, int]) -> Phone:
    """王㐂 is signed in; the partner is 李䶮."""
    return Phone(app).enter(couple[0])


def test_one_tap_holds_both_seats_and_says_until_when(phone: Phone, cast: Cast) -> None:
    page = phone.page(held(phone, cast))
    assert "号给您占着，到 10:10 为止" in page
    assert "我和爱人" in page
    assert "http-equiv" not in page
    assert booking.slots(cast)[0].left == 2


def test_a_spouse_without_an_account_comes_by_name(phone: Phone, cast: Cast) -> None:
    path = slot_page(booking.slots(cast)[0])
    missing = phone.post(path, who="companion", plan="second")
    assert missing.status_code == 422
    assert "请写爱人的姓名" in missing.text
    assert re.search(r'value="second" checked', missing.text)
    strange = phone.post(path, who="companion", plan="second", companion="<b>1</b>")
    assert "姓名里只能有文字" in strange.text
    assert "&lt;b&gt;1&lt;/b&gt;" in strange.text
    answer = phone.post(path, who="companion", plan="second", companion="李䶮")
    assert "我和李䶮" in phone.page(answer.location)


def test_everything_that_is_missing_is_said_at_once(phone: Phone, cast: Cast) -> None:
    page = phone.post(slot_page(booking.slots(cast)[0]), who="", plan="fifth").text
    assert "有 2 处要改" in page
    assert 'id="e-who"' in page
    assert 'id="e-plan"' in page


def test_a_full_slot_offers_others_that_take_what_was_typed(phone: Phone, cast: Cast) -> None:
    first, second, *_rest = booking.slots(cast)
    crowd(cast, first.id, 3)
    refused = phone.post(slot_page(first), **COUPLE)
    assert refused.status_code == 409
    assert "已填的内容都在" in refused.text
    assert re.search(r'value="partner" checked', refused.text)
    assert f'formaction="{slot_page(second)}"' in refused.text
    assert phone.post(slot_page(second), **COUPLE).status_code == 303


def test_a_slot_that_went_by_meanwhile_leads_back_to_the_calendar(phone: Phone, cast: Cast) -> None:
    first = booking.slots(cast)[0]
    cast.clock.advance(timedelta(days=1))
    assert "这个时间现在约不了" in phone.page(slot_page(first))
    refused = phone.post(slot_page(first), **COUPLE)
    assert (refused.status_code, "回到日历" in refused.text) == (409, True)
    assert phone.get("/checkup/slots/0000000000000").status_code == 404


def test_residence_is_asked_only_where_the_station_asks(phone: Phone, cast: Cast) -> None:
    path = slot_page(booking.slots(cast)[0])
    assert "在哪个镇街" not in phone.page(path)
    cast.run(lambda session: setattr(session.get(Station, booking.A), "residence_months", 6))
    assert "在哪个镇街" in phone.page(path)
    nothing = phone.post(path, **COUPLE)
    assert {"e-kind", "e-town"} <= set(re.findall(r'id="(e-\w+)"', nothing.text))
    town = f"{VILLAGE[:9]}000"
    short = {**COUPLE, "kind": "living", "town": town, "since.y": "2026", "since.m": "9", "since.d": "1"}
    refused = phone.post(path, data=short)
    assert refused.status_code == 422
    assert "住满 6 个月" in refused.text
    assert phone.post(path, data={**short, "since.y": "2025"}).status_code == 303
    assert phone.client.get_cookie("town")


def test_a_second_booking_leads_to_the_first(phone: Phone, cast: Cast, couple: tuple[int, int]) -> None:
    made = booking.booked(cast, couple[0], partner=True)
    refused = phone.post(slot_page(booking.slots(cast)[1]), **COUPLE)
    assert refused.status_code == 409
    assert f'href="{page_of(made)}"' in refused.text
    assert 'name="instead"' not in refused.text


def test_a_hold_can_be_swapped_for_another_time(phone: Phone, cast: Cast) -> None:
    held(phone, cast)
    other = booking.slots(cast)[1]
    refused = phone.post(slot_page(other), **COUPLE)
    assert 'name="instead"' in refused.text
    answer = phone.post(slot_page(other), instead="yes", **COUPLE)
    assert answer.status_code == 303
    assert [view.left for view in booking.slots(cast)[1:2]] == [2]


def test_a_confirmed_booking_is_never_swapped_by_an_old_page(phone: Phone, cast: Cast, couple: tuple[int, int]) -> None:
    made = booking.booked(cast, couple[0], partner=True)
    assert phone.post(slot_page(booking.slots(cast)[1]), instead="yes", **COUPLE).status_code == 409
    assert booking.load(cast, made).status == "confirmed"


def test_a_plan_that_was_used_is_said_beside_its_field(phone: Phone, cast: Cast, couple: tuple[int, int]) -> None:
    made = booking.booked(cast, couple[0], partner=True)

    def done(session: Any) -> None:
        row = session.get(Booking, made)
        row.status = "completed"
        for seat in session.scalars(select(BookingSeat).where(BookingSeat.booking_id == made)):
            seat.active_key = None

    cast.run(done)
    refused = phone.post(slot_page(booking.slots(cast)[1]), **COUPLE)
    assert refused.status_code == 409
    assert 'id="e-plan"' in refused.text


def test_without_a_linked_partner_the_page_says_how(app: Flask, cast: Cast) -> None:
    alone = Phone(app).enter(cast.resident("客", 77))
    page = alone.page(slot_page(booking.slots(cast)[0]))
    assert 'value="partner"' not in page
    assert "去邀请爱人" in page
    refused = alone.post(slot_page(booking.slots(cast)[0]), **COUPLE)
    assert 'id="e-who"' in refused.text


def test_pressing_twice_holds_once(phone: Phone, cast: Cast) -> None:
    fields = {**COUPLE, "idempotency_key": "one"}
    path = slot_page(booking.slots(cast)[0])
    assert phone.post(path, **fields).location == phone.post(path, **fields).location
