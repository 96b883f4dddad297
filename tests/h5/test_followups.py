"""The pages of follow-ups without JavaScript: her days, her answers, one tap to stop on any phone."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask

from backend.bookings import followups
from backend.kernel.clock import today
from tests import booking
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
    """李䶮, the woman."""
    return Phone(app).enter(seen.theirs)


@pytest.fixture
def nurse(app: Flask, seen: Visit) -> Clerk:
    return Clerk(app).sit_down(seen.nurse.id)


def boxes(name: str, day: date) -> dict[str, str]:
    return {f"{name}.y": str(day.year), f"{name}.m": str(day.month), f"{name}.d": str(day.day)}


def turn_on(phone: Phone, seen: Visit, **days: date) -> str:
    path = page_of(seen.booking_id, "/follow-ups")
    fields = {key: value for kind, day in days.items() for key, value in boxes(f"{kind}-day", day).items()}
    done = phone.post(path, data={**hidden(phone.page(path)), **fields, **dict.fromkeys(days, "yes")})
    assert done.status_code == 303, done.text
    return phone.page(done.location)


def word_of(seen: Visit) -> str:
    with seen.cast.db.reading() as session:
        [card] = followups.mine(session, seen.cast.vault, resident_id=seen.theirs, now=seen.cast.clock())
        found = followups.note(session, seen.cast.vault, follow_up_id=card.id)
    assert found is not None
    return found.word


def test_her_booking_leads_there_and_the_days_are_worked_out_for_her_to_change(seen: Visit, phone: Phone) -> None:
    path = page_of(seen.booking_id, "/follow-ups")
    assert path in phone.page(page_of(seen.booking_id))
    first = today(seen.cast.clock()) - timedelta(days=30)
    shown = phone.post(f"{path}/days", data=boxes("first", first)).text
    early = first + timedelta(weeks=8)
    assert f'name="early-day.d" value="{early.day}"' in re.sub(r' id="[^"]*"', "", shown)
    assert 'name="first.d" id="f-first" value=""' in shown or 'name="first.d" value=""' in shown
    page = turn_on(phone, seen, early=early + timedelta(days=1))
    assert f"{(early + timedelta(days=1)).day} 日" in page


def test_a_day_that_is_none_is_said_and_the_rest_stays(seen: Visit, phone: Phone) -> None:
    path = page_of(seen.booking_id, "/follow-ups")
    answer = phone.post(f"{path}/days", data={"first.y": "2026", "first.m": "13", "first.d": "1"})
    assert (answer.status_code, "没有这一天" in answer.text) == (422, True)
    bad = phone.post(path, data={"early": "yes", **boxes("early-day", date(2020, 1, 2))})
    assert (bad.status_code, 'value="2020"' in bad.text, "请选今天以后" in bad.text) == (422, True, True)
    empty = phone.post(path, data={"early": "yes"})
    assert "请填年、月、日" in empty.text


def test_she_answers_and_the_nurse_reads_it_without_a_name(seen: Visit, phone: Phone, nurse: Clerk) -> None:
    page = turn_on(phone, seen, early=today(seen.cast.clock()))
    path = page.split('href="/follow-ups/')[1].split('"')[0]
    form = hidden(phone.page(f"/follow-ups/{path}"))
    missing = phone.post(f"/follow-ups/{path}", data={**form, "words": "谢谢<b>"})
    assert "不想说也有一项可以选" in missing.text
    assert '<a href="#f-how">' in missing.text
    assert "谢谢&lt;b&gt;" in missing.text
    done = phone.post(
        f"/follow-ups/{path}", data={**hidden(phone.page(f"/follow-ups/{path}")), "how": "worried", "words": "谢谢<b>"}
    )
    assert "发给服务站了" in phone.page(done.location)
    shown = nurse.page("/staff/follow-ups")
    assert "怀上了，有些担心" in shown
    assert "谢谢&lt;b&gt;" in shown
    assert "李" not in shown
    seen_ = nurse.post(shown.split('action="')[1].split('"')[0])
    assert "新的" not in nurse.page(seen_.location).split("<main")[1].split("</main>")[0]
    assert phone.get(f"/follow-ups/{path}").status_code == 404


def test_one_tap_stops_on_a_phone_that_is_not_signed_in(app: Flask, seen: Visit, phone: Phone) -> None:
    turn_on(phone, seen, early=today(seen.cast.clock()))
    word, anybody = word_of(seen), Phone(app)
    page = anybody.page(f"/follow-ups/stop/{word}")
    assert page.count("<form") == 1
    assert "现在没有要问您的" not in phone.page("/follow-ups")
    assert "好了，不会再问您了" in anybody.post(f"/follow-ups/stop/{word}").text
    assert "现在没有要问您的" in phone.page("/follow-ups")


def test_an_unknown_word_says_the_same(app: Flask, seen: Visit, phone: Phone) -> None:
    turn_on(phone, seen, early=today(seen.cast.clock()))
    word, anybody = word_of(seen), Phone(app)

    def both(path: str) -> tuple[str, str]:
        made = anybody.page(path), anybody.post(path).text
        return tuple(re.sub(r'value="[^"]*"', "", text.replace(path, "")) for text in made)  # type: ignore[return-value]

    assert both("/follow-ups/stop/nonsense") == both(f"/follow-ups/stop/{word}")
    assert anybody.post("/follow-ups/stop/nonsense", bare=True).status_code == 403


def test_nothing_ticked_stops_everything(seen: Visit, phone: Phone) -> None:
    turn_on(phone, seen, early=today(seen.cast.clock()))
    assert "不会再问您了" in turn_on(phone, seen)
    turn_on(phone, seen, early=today(seen.cast.clock()))
    done = phone.post("/follow-ups/ending")
    assert "现在没有要问您的" in phone.page(done.location)


def test_the_husband_and_a_stranger_see_nothing_of_hers(app: Flask, seen: Visit, phone: Phone) -> None:
    page = turn_on(phone, seen, early=today(seen.cast.clock()))
    path = page.split('href="/follow-ups/')[1].split('"')[0]
    for who in (seen.mine, booking.guest(seen.cast, 20)):
        other = Phone(app).enter(who)
        assert other.get(f"/follow-ups/{path}").status_code == 404
        assert "现在没有要问您的" in other.page("/follow-ups")


@pytest.mark.parametrize("choice", CHOICES)
def test_pages_are_sound_in_every_mode(seen: Visit, phone: Phone, nurse: Clerk, choice: dict[str, str]) -> None:
    for name, value in choice.items():
        phone.choose(name, value)
        nurse.choose(name, value)
    assert sound(phone.page("/follow-ups"))
    assert sound(nurse.page("/staff/follow-ups"))
    page = turn_on(phone, seen, early=today(seen.cast.clock()))
    path = page.split('href="/follow-ups/')[1].split('"')[0]
    for shown in ("/follow-ups", f"/follow-ups/{path}", page_of(seen.booking_id, "/follow-ups"), "/follow-ups/stop/x"):
        assert sound(phone.page(shown)), shown
    phone.post(f"/follow-ups/{path}", how="well")
    assert sound(nurse.page("/staff/follow-ups"))
