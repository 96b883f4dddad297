"""The pages of the wait-list: stand in the line, see the place, take what is kept or let it go."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from backend.accounts import consents
from backend.kernel import ids
from tests import booking
from tests.clock import MovableClock
from tests.h5.booker import DEMO, open_county, tomorrow
from tests.h5.phone import Phone, hidden
from tests.h5.test_pages_render import sound
from tests.people import Cast
from tests.waiting import Line

RULES = {"hours": [[2, "08:00", "08:30"]], "seats_per_slot": 2, "horizon_days": 1}


@pytest.fixture
def cast(app: Flask, clock: MovableClock) -> Cast:
    made = open_county(app, clock)
    booking.open_stations(made, **RULES)
    return made


@pytest.fixture
def line(cast: Cast) -> Line:
    return Line(cast)


@pytest.fixture
def full(cast: Cast, line: Line) -> list[int]:
    return line.fill(booking.slots(cast)[0].id, (20, 21))


@pytest.fixture
def couple(cast: Cast) -> tuple[int, int]:
    return booking.couple(cast)


@pytest.fixture
def phone(app: Flask, couple: tuple[int, int]) -> Phone:
    """王㐂 is signed in; the partner is 李䶮."""
    return Phone(app).enter(couple[0])


def typed(cast: Cast, **fields: str) -> dict[str, str]:
    """The form for tomorrow, for both."""
    day = tomorrow(cast)
    parts = dict(zip("ymd", (str(day.year), str(day.month), str(day.day)), strict=True))
    days = {f"{name}.{part}": value for name in ("from", "to") for part, value in parts.items()}
    return {"station": DEMO, "who": "partner", "plan": "first", **days, **fields}


def offer_page(offer: int, what: str = "") -> str:
    return f"/offers/{ids.encode(offer)}{what}"


def offered(line: Line, full: list[int], who: int) -> str:
    """Both seats came back while a couple waited; the page of the offer."""
    line.join(who, partner=True)
    for made in full:
        line.give_back(made)
    line.sweep()
    return offer_page(line.open_offers(who)[0].id)


def test_a_full_calendar_leads_into_the_line(phone: Phone, cast: Cast, line: Line, full: list[int]) -> None:
    page = phone.page(f"/checkup/{DEMO}/{tomorrow(cast).isoformat()}")
    assert f"/waitlist/new?station={DEMO}&amp;from=2026-11-24" in page
    form = phone.page(f"/waitlist/new?station={DEMO}&from=2026-11-24&to=2026-11-24")
    sound(form)
    assert 'value="partner" checked' in form
    answer = phone.post("/waitlist", data={**typed(cast), **hidden(form)})
    assert answer.location == "/waitlist"
    assert "您排在第 1 位，前面没有人" in phone.page("/waitlist")
    assert "排在第 1 位" in phone.page("/")


def test_the_place_in_the_line_is_said(phone: Phone, cast: Cast, line: Line, full: list[int]) -> None:
    line.join(booking.guest(cast, 30))
    phone.post("/waitlist", data=typed(cast))
    assert "您排在第 2 位，前面还有 1 位" in phone.page("/waitlist")


def test_what_was_typed_stays_when_something_is_missing(phone: Phone, cast: Cast) -> None:
    answer = phone.post("/waitlist", data=typed(cast, who="", **{"from.m": "13"}))
    assert answer.status_code == 422
    assert "没有这一天" in answer.text
    assert "请选谁来检查" in answer.text
    assert 'value="13"' in answer.text
    late = phone.post("/waitlist", data=typed(cast, **{"from.y": "2025"}))
    assert "请从今天或以后的日子开始" in late.text


def test_seats_that_are_free_already_are_shown_first(phone: Phone, cast: Cast) -> None:
    assert "这些天里现在就有号" in phone.page(f"/waitlist/new?station={DEMO}")


def test_who_waits_already_is_led_there(phone: Phone, cast: Cast) -> None:
    phone.post("/waitlist", data=typed(cast))
    again = phone.post("/waitlist", data=typed(cast))
    assert (again.status_code, "看我的候补" in again.text) == (409, True)


def test_an_offer_is_first_on_the_home_page_and_says_until_when(
    phone: Phone, line: Line, full: list[int], couple: tuple[int, int]
) -> None:
    path = offered(line, full, couple[0])
    home = phone.page("/")
    assert "给您留到 12:00" in home
    assert path in home
    page = phone.page(path)
    sound(page)
    assert "只给您留着，到 12:00 为止" in page
    assert "要这个时间，我和爱人" in page
    assert path in phone.page("/waitlist")


def test_the_partner_takes_it_for_both(app: Flask, line: Line, full: list[int], couple: tuple[int, int]) -> None:
    path = offered(line, full, couple[0])
    partner = Phone(app).enter(couple[1])
    page = partner.page(path)
    answer = partner.post(f"{path}/acceptance", data=hidden(page))
    assert answer.status_code == 303
    assert "约好了" in partner.page(answer.location)
    assert "这个时间是您的了" in partner.page(path)
    assert "候补到了" in partner.page("/waitlist")


def test_consent_is_asked_for_on_the_page_and_kept(
    app: Flask, cast: Cast, phone: Phone, line: Line, full: list[int], couple: tuple[int, int]
) -> None:
    for who in couple:
        cast.run(consents.withdraw, resident_id=who, purpose="health", purposes=cast.purposes, now=cast.clock())
    path = offered(line, full, couple[0])
    assert "请看完后打勾" in phone.post(f"{path}/acceptance").text
    version = hidden(phone.page(path))["version.health"]
    fields = {"consents.health": "yes", "version.health": version}
    waits = phone.post(f"{path}/acceptance", data=fields)
    assert (waits.status_code, "还差您爱人的同意" in waits.text) == (409, True)
    done = Phone(app).enter(couple[1]).post(f"{path}/acceptance", data=fields)
    assert done.status_code == 303


def test_not_this_one_goes_to_the_next(
    app: Flask, cast: Cast, phone: Phone, line: Line, full: list[int], couple: tuple[int, int]
) -> None:
    path = offered(line, full, couple[0])
    other = booking.guest(cast, 30)
    line.join(other)
    assert phone.post(f"{path}/decline").location == "/waitlist"
    line.sweep()
    assert "这个时间您没有要" in phone.page(path)
    his = Phone(app).enter(other)
    assert "有号了" in his.page("/waitlist")
    assert "两个人" not in his.page(offer_page(line.open_offers(other)[0].id))


def test_too_late_is_said_kindly(
    phone: Phone, cast: Cast, line: Line, full: list[int], couple: tuple[int, int]
) -> None:
    path = offered(line, full, couple[0])
    cast.clock.advance(timedelta(hours=2))
    answer = phone.post(f"{path}/acceptance")
    assert answer.status_code == 409
    assert "给您留的时间过了" in answer.text
    assert "没有任何影响" in answer.text


def test_leaving_is_one_tap(phone: Phone, line: Line, full: list[int], couple: tuple[int, int]) -> None:
    entry = line.join(couple[0], partner=True)
    assert phone.post(f"/waitlist/{ids.encode(entry)}/leaving").location == "/waitlist"
    assert "已退出" in phone.page("/waitlist")


def test_why_nothing_came_is_said(phone: Phone, line: Line, full: list[int], couple: tuple[int, int]) -> None:
    line.join(couple[0], partner=True)
    line.give_back(full[0])
    line.after(minutes=21)
    line.after(days=2)
    page = phone.page("/waitlist")
    assert "退回来的都是单个的号" in page
    assert "没有等到没有任何影响" in page


def test_a_withdrawn_time_is_exchanged_on_its_page(
    phone: Phone, cast: Cast, line: Line, couple: tuple[int, int]
) -> None:
    made = booking.booked(cast, couple[0], partner=True)
    booking.open_stations(cast, hours=[[3, "08:00", "08:30"]], horizon_days=3)
    line.sweep()
    path = offer_page(line.open_offers(couple[0])[0].id)
    assert path in phone.page(f"/bookings/{ids.encode(made)}")
    page = phone.page(path)
    sound(page)
    assert "换到 11 月 25 日（周三）08:00" in page
    answer = phone.post(f"{path}/acceptance", data=hidden(page))
    assert "11 月 25 日（周三）08:00" in phone.page(answer.location)


def test_strangers_find_nothing(app: Flask, cast: Cast, line: Line, full: list[int], couple: tuple[int, int]) -> None:
    path = offered(line, full, couple[0])
    stranger = Phone(app).enter(booking.guest(cast, 99))
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/acceptance").status_code == 404
    assert stranger.post(f"{path}/decline").status_code == 404
    empty = stranger.page("/waitlist")
    assert ("现在没有候补" in empty, empty.count("<h1")) == (True, 1)
    assert Phone(app).get(path).status_code == 303


def test_the_log_is_open_to_everybody(stranger: Phone, cast: Cast, line: Line, full: list[int]) -> None:
    assert "最近没有人退号" in stranger.page(f"/stations/{DEMO}/releases")
    line.give_back(full[0])
    line.after(minutes=21)
    page = stranger.page(f"/stations/{DEMO}/releases")
    sound(page)
    assert re.search(r'<small>.+</small><span class="tag">放给大家 1 个</span></div>', page)
    assert f"/stations/{DEMO}/releases" in stranger.page(f"/checkup/{DEMO}")
    assert stranger.get("/stations/nowhere/releases").status_code == 404
