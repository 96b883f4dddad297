"""The checklists on the booking and to print, and the link to the phone's calendar."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from backend.accounts import consents, service
from backend.models.station import Station
from tests import booking
from tests.h5.booker import page_of
from tests.h5.phone import Phone
from tests.h5.test_pages_render import CHOICES, sound
from tests.people import Cast


@pytest.fixture
def cast(cast: Cast) -> Cast:
    booking.open_stations(cast)
    return cast


@pytest.fixture
def made(cast: Cast) -> int:
    """Tomorrow at eight, for 王㐂 and 李䶮."""
    mine, _ = booking.couple(cast)
    return booking.booked(cast, mine, partner=True)


@pytest.fixture
def phone(app: Flask, cast: Cast, made: int) -> Phone:
    return Phone(app).enter(cast.residents["王㐂"])


@pytest.mark.parametrize("choice", CHOICES)
def test_lists_to_print_are_sound(phone: Phone, made: int, choice: dict[str, str]) -> None:
    for name, value in choice.items():
        phone.choose(name, value)
    assert sound(phone.page(page_of(made, "/preparation")))


def test_booking_page_tells_each_what_to_do_and_bring(phone: Phone, made: int) -> None:
    page = phone.page(page_of(made))
    assert page.count("11 月 23 日（周一）晚上 12 点以后不要吃东西") == 1
    assert page.count("月经干净后 3 到 7 天") == 1
    assert "当天做 18 项" in page
    assert "当天做 10 项" in page
    assert "结婚证" not in page


def test_where_nobody_knows_who_is_who_the_hints_for_women_say_so(app: Flask, cast: Cast) -> None:
    booking.open_stations(cast)
    alone = cast.run(service.ensure_resident, vault=cast.vault, mobile="13900000001", now=cast.clock())
    for purpose in ("identity", "health"):
        given = {"purpose": purpose, "text_version": None, "purposes": cast.purposes}
        cast.run(consents.give, resident_id=alone, now=cast.clock(), **given)
    page = Phone(app).enter(alone).page(page_of(booking.booked(cast, alone, companion="赵㛃")))
    assert page.count("女方：月经干净后 3 到 7 天") == 1
    assert "两个人都要，写着“女方”的除外" in page
    assert "当天做哪些，都免费" in page


def test_marriage_certificate_is_asked_for_only_where_the_station_wants_it(phone: Phone, cast: Cast, made: int) -> None:
    cast.run(lambda session: session.execute(update(Station).values(marriage_certificate=True, fasting_hours=0)))
    page = phone.page(page_of(made, "/preparation"))
    assert "结婚证，两个人带一本就行" in page
    assert "吃东西" not in page


def test_calendar_file_opens_from_the_page_without_a_token(phone: Phone, made: int) -> None:
    link = page_of(made, ".ics")
    assert f'href="{link}"' in phone.page(page_of(made))
    answer = phone.get(link)
    assert answer.mimetype == "text/calendar"
    assert "SUMMARY:预约：演示服务站甲".encode() in answer.data
    assert "attachment" in answer.headers["Content-Disposition"]


def test_signed_out_phone_is_asked_to_sign_in_first(phone: Phone, made: int) -> None:
    phone.leave()
    assert phone.get(page_of(made, ".ics")).location.startswith("/login?next=")


def test_lists_are_not_shown_once_the_visit_is_over(phone: Phone, cast: Cast, made: int) -> None:
    booking.cancel(cast, cast.residents["李䶮"], made)
    cast.clock.advance(timedelta(minutes=1))
    page = phone.page(page_of(made))
    assert "去之前准备什么" not in page
    assert "从手机日历里去掉" in page
    assert b"STATUS:CANCELLED" in phone.get(page_of(made, ".ics")).data
