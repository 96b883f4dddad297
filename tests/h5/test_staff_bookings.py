"""The day of a station as pages without JavaScript: the list, check-in, what was done, walk-ins, paper."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from backend.bookings import leftovers
from backend.kernel import ids
from tests import booking, day
from tests.h5.clerk import Clerk
from tests.h5.phone import Phone, hidden
from tests.people import Cast, hire


@pytest.fixture
def nurse(app: Flask, cast: Cast) -> Clerk:
    booking.open_stations(cast)
    return Clerk(app).sit_down(hire(cast, "county", role="nurse").id)


@pytest.fixture
def couple(cast: Cast, nurse: Clerk) -> int:
    """A couple's booking of today."""
    mine, _ = booking.couple(cast)
    made = booking.booked(cast, mine, partner=True)
    day.to_the_day(cast)
    return made


def page_of(made: int, rest: str = "") -> str:
    return f"/staff/bookings/{ids.encode(made)}{rest}"


def test_the_nurse_begins_at_the_day(nurse: Clerk) -> None:
    assert nurse.get("/staff").headers["Location"].endswith("/staff/bookings")


def test_only_nurses_see_the_day(app: Flask, cast: Cast, phone: Phone) -> None:
    clerk = Clerk(app).sit_down(cast.reviewers["county"].id)
    for path in ("/staff/bookings", "/staff/check-in", "/staff/walk-in", "/staff/bookings/print"):
        assert clerk.get(path).status_code == 403
        assert "/staff/login" in phone.get(path).headers["Location"]


def test_a_day_from_the_list_to_done(cast: Cast, nurse: Clerk, couple: int) -> None:
    listed = nurse.page("/staff/bookings")
    assert ("王* 和 李*" in listed, page_of(couple) in listed) == (True, True)
    nurse.post(page_of(couple, "/check-in"))
    form = nurse.page(page_of(couple))
    assert len(re.findall(r'name="partner" [^>]*checked', form)) == 18
    nurse.post(
        page_of(couple, "/completion"), whose=["booker", "partner"], booker=["urine"], partner=["urine", "liver"]
    )
    assert day.done(cast, couple) == {"booker": ["urine"], "partner": ["urine", "liver"]}
    assert "已检查" in nurse.page("/staff/bookings")
    assert len(re.findall(r'name="partner" [^>]*checked', nurse.page(page_of(couple)))) == 2


def test_whoever_was_not_checked_is_said_with_one_tick(cast: Cast, nurse: Clerk, couple: int) -> None:
    nurse.post(page_of(couple, "/check-in"))
    nurse.post(
        page_of(couple, "/completion"), whose=["booker", "partner"], booker=["urine"], partner=["liver"], away="booker"
    )
    assert day.seats(cast, couple)["booker"].plan_key is None
    assert day.done(cast, couple) == {"booker": [], "partner": ["liver"]}


def test_a_completion_without_a_tick_is_refused_in_words(nurse: Clerk, couple: int) -> None:
    nurse.post(page_of(couple, "/check-in"))
    assert "请勾上做了的项目" in nurse.post(page_of(couple, "/completion"), whose=["booker", "partner"]).text


def test_check_in_by_typing_says_who_and_goes_on(cast: Cast, nurse: Clerk, couple: int) -> None:
    row = booking.load(cast, couple)
    spaced = f" {row.code[:4].lower()} {row.code[4:]} "
    done = nurse.post("/staff/check-in", code=spaced)
    assert "签到好了" in nurse.page(done.headers["Location"])
    assert booking.load(cast, couple).status == "checked_in"


def test_check_in_takes_what_a_scanner_types(cast: Cast, nurse: Clerk, couple: int) -> None:
    base = nurse.runtime.settings.base_url
    done = nurse.post("/staff/check-in", code=f"{base}/v/{booking.load(cast, couple).token}", camera="1")
    assert "camera=1" in done.headers["Location"]
    assert 'data-scan="1"' in nurse.page(done.headers["Location"])


def test_a_wrong_code_is_said_where_it_was_typed(nurse: Clerk, couple: int) -> None:
    again = nurse.post("/staff/check-in", code="ABCD2345")
    assert ("没有这个签到码" in again.text, 'value="ABCD2345"' in again.text) == (True, True)


def test_a_code_finds_its_visit(cast: Cast, nurse: Clerk, couple: int) -> None:
    code = booking.load(cast, couple).code
    assert nurse.post("/staff/bookings/search", code=code).headers["Location"].endswith(page_of(couple))
    assert "没有找到这次预约" in nurse.post("/staff/bookings/search", code="ABCD2345").text


def test_a_past_day_shows_today_instead(nurse: Clerk, couple: int, cast: Cast) -> None:
    nurse.post(page_of(couple, "/check-in"))
    past = cast.clock().date()
    cast.clock.advance(timedelta(days=1))
    for path in ("/staff/bookings", "/staff/bookings/print"):
        assert "王*" not in nurse.page(f"{path}?date={past}")
    assert nurse.get(page_of(couple)).status_code == 404


def test_the_paper_has_boxes_and_masked_names(nurse: Clerk, couple: int) -> None:
    paper = nurse.page("/staff/bookings/print")
    assert ("☐" in paper, "王* 和 李*" in paper, "王㐂" in paper) == (True, True, False)


def test_a_walk_in_is_registered_and_taken_back(cast: Cast, nurse: Clerk, couple: int) -> None:
    form = hidden(nurse.page("/staff/walk-in"))
    done = nurse.post("/staff/walk-in", data=form, seats="2", slot="", name="客人")
    visit = done.headers["Location"].partition("?")[0]
    assert "客*" in nurse.page(visit)
    nurse.post(f"{visit}/undo")
    assert "客*" not in nurse.page("/staff/bookings")


def test_a_full_day_is_said_in_words(cast: Cast, nurse: Clerk, couple: int) -> None:
    first = ids.encode(booking.load(cast, couple).slot_id)
    for seats in ("2", "2"):
        answer = nurse.post("/staff/walk-in", seats=seats, slot=first, name="")
    assert "这会儿没有空位了" in answer.text


def test_another_place_has_no_page(app: Flask, cast: Cast, nurse: Clerk, couple: int) -> None:
    far = Clerk(app).sit_down(hire(cast, "town", region="370402002000", role="nurse").id)
    assert far.get(page_of(couple)).status_code == 404
    assert far.get(f"/staff/bookings?station={booking.A}").status_code == 404
    assert "王*" not in far.page("/staff/bookings")


def test_after_the_day_only_a_bare_number_is_left(cast: Cast, nurse: Clerk, couple: int) -> None:
    cast.clock.advance(timedelta(hours=6))
    assert day.close(cast) == 1
    page = nurse.page("/staff/bookings")
    assert ("王*" in page, "共 1 次" in page) == (False, True)
    cast.clock.advance(timedelta(days=32))
    assert cast.run(leftovers.erase, now=cast.clock(), limit=10) == 1
    assert nurse.get(page_of(couple)).status_code == 404
