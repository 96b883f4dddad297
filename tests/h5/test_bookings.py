"""The pages of a booking: the code, another time, and the ends that need kind words."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from backend.accounts import consents
from backend.bookings import holds, moving
from backend.kernel import ids
from backend.models.booking import Booking
from backend.models.station import Slot
from tests import booking
from tests.clock import MovableClock
from tests.h5.booker import crowd, held, open_county, page_of, slot_page
from tests.h5.phone import Phone
from tests.h5.test_pages_render import CHOICES, sound
from tests.people import Cast


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


def end(cast: Cast, made: int, status: str, how: str = "") -> None:
    """As the closing of the day or of the station leaves it."""

    def change(session: Any) -> None:
        row = session.get(Booking, made)
        row.status, row.ended_as, row.token = status, how, ""

    cast.run(change)


def forget(cast: Cast, who: int, *purposes: str) -> None:
    for purpose in purposes:
        cast.run(consents.withdraw, resident_id=who, purpose=purpose, purposes=cast.purposes, now=cast.clock())


def test_each_purpose_is_agreed_to_by_itself(phone: Phone, cast: Cast, couple: tuple[int, int]) -> None:
    forget(cast, couple[0], "identity", "health")
    path = held(phone, cast)
    assert phone.page(path).count('type="checkbox"') == 2
    half = phone.post(f"{path}/confirmation", data={"consents.identity": "yes"})
    assert half.status_code == 422
    assert "健康情况：请看完后打勾" in half.text
    old = phone.post(f"{path}/confirmation", data={"consents.health": "yes", "version.health": "2000-01"})
    assert "新的内容" in old.text
    answer = phone.post(f"{path}/confirmation", data={"consents.health": "yes"})
    assert "约好了" in phone.page(answer.location)


def test_the_partner_agrees_with_their_own_login(app: Flask, phone: Phone, cast: Cast, couple: tuple[int, int]) -> None:
    forget(cast, couple[1], "health")
    path = held(phone, cast)
    waiting = phone.post(f"{path}/confirmation")
    assert waiting.status_code == 409
    assert "还差您爱人的同意" in waiting.text
    partner = Phone(app).enter(couple[1])
    assert "等您确认" in partner.page("/")
    answer = partner.post(f"{path}/confirmation", data={"consents.health": "yes"})
    assert "约好了" in partner.page(answer.location)
    assert "已预约" in phone.page(path)


def test_a_hold_that_ran_out_says_what_to_do(phone: Phone, cast: Cast) -> None:
    path = held(phone, cast)
    cast.clock.advance(timedelta(minutes=11))
    for _ in range(2):
        page = phone.page(path)
        assert "占的号到时间退回了" in page
        assert "再约一次" in page
        assert "最近有号的日子" in page
        cast.run(holds.expire_due, now=cast.clock(), limit=10)
    assert phone.post(f"{path}/confirmation").status_code == 409
    assert "等您确认" not in phone.page("/")


def test_giving_back_is_one_tap(phone: Phone, cast: Cast) -> None:
    path = held(phone, cast)
    answer = phone.post(f"{path}/cancellation")
    assert "预约取消了，没有任何影响" in phone.page(answer.location)


def test_a_confirmed_booking_shows_its_code(phone: Phone, cast: Cast, couple: tuple[int, int]) -> None:
    made = booking.booked(cast, couple[0], partner=True)
    page, row = phone.page(page_of(made)), booking.load(cast, made)
    assert "11 月 24 日（周二）08:00" in page
    assert f"{row.code[:4]} {row.code[4:]}" in page
    assert "<svg" in page.split('id="code"')[1][:200]
    assert row.token not in page
    assert {"加到手机日历", "改期", "取消预约"} <= set(re.findall(r"加到手机日历|改期|取消预约", page))


def test_one_person_alone_is_not_spoken_to_as_two(phone: Phone, cast: Cast, couple: tuple[int, int]) -> None:
    made = booking.booked(cast, couple[0])
    end(cast, made, "completed")
    page = phone.page(page_of(made))
    assert "只有您看得到" in page
    assert "两个人" not in page
    assert {"/results", "/follow-ups"} <= set(re.findall(r'href="([^"]+)"', phone.page("/bookings")))


def test_what_is_not_agreed_to_yet_is_said_first(phone: Phone, cast: Cast, couple: tuple[int, int]) -> None:
    path = held(phone, cast)
    forget(cast, couple[0], "health")
    page = phone.post(f"{path}/confirmation").text
    assert 0 < page.index('id="errors"') < page.index("号给您占着")


def test_cancelling_asks_once_and_frees_both(phone: Phone, cast: Cast, couple: tuple[int, int]) -> None:
    made = booking.booked(cast, couple[0], partner=True)
    asked = phone.page(page_of(made, "/cancellation"))
    assert "取消后什么影响都没有" in asked
    assert "两个人的号会一起退掉" in asked
    answer = phone.post(page_of(made, "/cancellation"))
    assert "没有任何影响" in phone.page(answer.location)
    assert phone.get(page_of(made, "/cancellation")).status_code == 303


def test_within_four_hours_not_coming_is_one_tap(phone: Phone, cast: Cast, couple: tuple[int, int]) -> None:
    made = booking.booked(cast, couple[0], partner=True)
    cast.clock.advance(timedelta(hours=19))
    page = phone.page(page_of(made))
    assert ">来不了<" in page
    assert "离检查不到 4 小时" in page
    assert 'href="/checkup/demo-a?change' not in page
    assert "换一个时间" not in phone.page(page_of(made, "/cancellation"))
    phone.post(page_of(made, "/cancellation"))
    assert booking.load(cast, made).status == "cancelled"


def test_once_it_began_nothing_needs_to_be_called_off(phone: Phone, cast: Cast, couple: tuple[int, int]) -> None:
    made = booking.booked(cast, couple[0], partner=True)
    cast.clock.advance(timedelta(hours=23))
    assert phone.get(page_of(made)).status_code == 200
    assert "不用再取消" in phone.post(page_of(made, "/cancellation")).text


def test_another_time_keeps_partner_and_plan(phone: Phone, cast: Cast, couple: tuple[int, int]) -> None:
    made = booking.booked(cast, couple[0], partner=True)
    path = page_of(made, "/reschedule")
    slot = slot_page(booking.slots(cast)[2]).rsplit("/", 1)[1]
    asked = phone.page(f"{path}?slot={slot}")
    assert "改到 11 月 24 日（周二）09:00，我和爱人" in asked
    answer = phone.post(path, slot=slot)
    page = phone.page(answer.location)
    assert "改好了，原来的号退掉了" in page
    assert "11 月 24 日（周二）09:00" in page


def test_a_full_new_time_leaves_the_old_one_and_offers_others(
    phone: Phone, cast: Cast, couple: tuple[int, int]
) -> None:
    made = booking.booked(cast, couple[0], partner=True)
    wanted = booking.slots(cast)[2]
    crowd(cast, wanted.id, 3)
    refused = phone.post(page_of(made, "/reschedule"), slot=slot_page(wanted).rsplit("/", 1)[1])
    assert refused.status_code == 409
    assert "您原来的预约还在" in refused.text
    other = re.search(r'name="slot" value="(\w+)"><div>', refused.text)
    assert other
    assert phone.post(page_of(made, "/reschedule"), slot=other[1]).status_code == 303
    assert phone.post(page_of(made, "/reschedule"), slot="x").status_code == 404


def test_a_withdrawn_time_asks_for_another_and_keeps_the_booking(
    phone: Phone, cast: Cast, couple: tuple[int, int]
) -> None:
    made = booking.booked(cast, couple[0], partner=True)
    slot = booking.load(cast, made).slot_id
    cast.run(lambda session: setattr(session.get(Slot, slot), "withdrawn_at", cast.clock()))
    page = phone.page(page_of(made))
    assert "服务站这个时间不能检查了" in page
    assert "自己选别的时间" in page
    assert not re.search("不要吃东西|加到手机日历", page)
    assert "等您处理" in phone.page("/")


@pytest.mark.parametrize(
    ("status", "how", "words"),
    [
        ("checked_in", "", "签到好了，请等工作人员叫您"),
        ("completed", "", "检查做完了"),
        ("cancelled", "station", "服务站那天不开门"),
        ("missed", "", "这次没来，没关系"),
    ],
)
def test_each_end_has_its_words(
    phone: Phone, cast: Cast, couple: tuple[int, int], status: str, how: str, words: str
) -> None:
    made = booking.booked(cast, couple[0], partner=True)
    end(cast, made, status, how)
    page = phone.page(page_of(made))
    assert words in page
    assert sound(page)
    assert "爽约" not in page


def test_not_coming_has_no_consequence_and_new_dates(phone: Phone, cast: Cast, couple: tuple[int, int]) -> None:
    made = booking.booked(cast, couple[0], partner=True)
    end(cast, made, "missed")
    page = phone.page(page_of(made))
    assert "30 天后自动删除" in page
    assert page.count('href="/checkup/demo-a/2026-11-') == 3


def test_nobody_else_finds_a_booking(app: Flask, phone: Phone, cast: Cast, couple: tuple[int, int]) -> None:
    made = booking.booked(cast, couple[0], partner=True)
    stranger = Phone(app).enter(cast.resident("客", 77))
    paths = ("", "/cancellation", f"/reschedule?slot={slot_page(booking.slots(cast)[1])[15:]}")
    answers: list[TestResponse] = [stranger.get(page_of(made, path)) for path in paths]
    answers += [stranger.post(page_of(made, path)) for path in ("/confirmation", "/cancellation")]
    assert {answer.status_code for answer in answers} == {404}
    assert "演示服务站甲" not in stranger.page("/bookings")
    assert Phone(app).get(page_of(made)).status_code == 303


def test_the_first_page_and_my_list_know_the_booking(phone: Phone, cast: Cast, couple: tuple[int, int]) -> None:
    assert "还没有预约" in phone.page("/bookings")
    path = held(phone, cast)
    assert "请在 10:10 以前确认" in phone.page("/").split("我的事")[0]
    booking.confirm(cast, couple[0], ids.decode(path[10:]))
    home = phone.page("/")
    assert f'href="{path}"' in home.split("我的事")[1]
    assert "11 月 24 日（周二）08:00 · 演示服务站甲" in phone.page("/bookings")
    assert 'href="/bookings"' in phone.page("/me")


def test_the_guide_leads_to_the_stations(phone: Phone) -> None:
    assert 'href="/checkup"' in phone.page("/services/checkup")
    assert 'href="/checkup"' in phone.page("/")


@pytest.mark.parametrize("choice", CHOICES, ids=("zh", "en", "care"))
def test_pages_of_a_booking_are_sound(
    phone: Phone, cast: Cast, couple: tuple[int, int], choice: dict[str, str]
) -> None:
    for name, value in choice.items():
        phone.choose(name, value)
    slot = slot_page(booking.slots(cast)[1])
    forget(cast, couple[0], "health")
    waiting = held(phone, cast)
    assert [path for path in (slot, waiting, "/bookings") if not sound(phone.page(path))] == []
    phone.post(f"{waiting}/confirmation", data={"consents.health": "yes"})
    paths = (waiting, f"{waiting}/cancellation", f"{waiting}/reschedule?slot={slot[15:]}")
    assert [path for path in paths if not sound(phone.page(path))] == []


def test_a_withdrawn_time_leads_to_what_is_offered_for_it(phone: Phone, cast: Cast, couple: tuple[int, int]) -> None:
    made = booking.booked(cast, couple[0], partner=True)
    slot = booking.load(cast, made).slot_id
    cast.run(lambda session: setattr(session.get(Slot, slot), "withdrawn_at", cast.clock()))
    cast.run(moving.offer, booking_id=made, now=cast.clock())
    offer = re.search(r'href="(/offers/\w+)"', phone.page(page_of(made)))
    assert offer
    assert phone.get(offer[1]).status_code == 200
