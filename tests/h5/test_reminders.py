"""The pages of a reminder without JavaScript: set it, press, stop it on any phone, and nothing to see for others."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask

from backend.kernel.clock import today
from backend.reminders import cards
from backend.reminders.terms import terms
from tests import reminding
from tests.h5.phone import Phone, hidden
from tests.h5.test_pages_render import CHOICES, sound
from tests.people import Cast
from tests.reminding import Woman


@pytest.fixture
def woman(phone: Phone, cast: Cast) -> Woman:
    """王㐂, whose phone it is."""
    return Woman(cast, phone.runtime, cast.resident("王㐂", 7))


def boxes(day: date) -> dict[str, str]:
    return {"start_on.y": str(day.year), "start_on.m": str(day.month), "start_on.d": str(day.day)}


def tomorrow(cast: Cast) -> date:
    return today(cast.clock()) + timedelta(days=1)


def fill(phone: Phone, day: date, path: str = "/reminders", **more: str) -> dict[str, str]:
    usual = {"every_months": "3", "hour": "10", "channel": "inbox", "agreed": "yes"}
    return {**hidden(phone.page(path)), **boxes(day), **usual, **more}


def turn_on(phone: Phone, day: date, **more: str) -> str:
    done = phone.post("/reminders", data=fill(phone, day, **more))
    assert done.status_code == 303, done.text
    return phone.page(done.location)


def test_her_own_page_leads_there_and_says_what_it_is_first(phone: Phone) -> None:
    assert 'href="/reminders"' in phone.page("/me")
    page = phone.page("/reminders")
    assert terms().text["zh"] in page
    assert "没有人看得到" in page
    assert page.count('class="btn"') == 1


def test_she_sets_it_and_sees_the_next_day(phone: Phone, cast: Cast) -> None:
    page = turn_on(phone, tomorrow(cast), hour="15", channel="sms")
    assert '<h1 class="big">11 月 24 日（周二）</h1>' in page
    assert ("下午 3 点" in page, "也发短信" in page, "每 3 个月" in page) == (True, True, True)


def test_without_the_tick_nothing_is_set_and_what_was_typed_stays(phone: Phone, woman: Woman) -> None:
    data = fill(phone, date(2027, 1, 5), hour="18")
    del data["agreed"]
    answer = phone.post("/reminders", data=data)
    assert (answer.status_code, 'href="#f-agreed"' in answer.text, 'value="2027"' in answer.text) == (422, True, True)
    assert '<option value="18" selected>' in answer.text
    assert reminding.rows(woman.at) == []


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("start_on.m", "13", "没有这一天"),
        ("start_on.y", "2020", "一年以内"),
        ("hour", "21", "请从给出的选项里选"),
        ("every_months", "13", "请从给出的选项里选"),
        ("every_months", "٣", "请从给出的选项里选"),
        ("channel", "pigeon", "请从给出的选项里选"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(phone: Phone, cast: Cast, field: str, value: str, said: str) -> None:
    answer = phone.post("/reminders", data={**fill(phone, tomorrow(cast)), field: value})
    assert (answer.status_code, said in answer.text) == (422, True)
    assert f'href="#f-{field.partition(".")[0]}"' in answer.text


def test_an_older_text_is_shown_anew(phone: Phone, cast: Cast) -> None:
    answer = phone.post("/reminders", data=fill(phone, tomorrow(cast), text_version="2020-01"))
    assert (answer.status_code, "请再看一遍后同意" in answer.text) == (409, True)


def test_done_is_one_press_and_twice_is_once(phone: Phone, cast: Cast) -> None:
    turn_on(phone, tomorrow(cast))
    for _ in range(2):
        page = phone.page(phone.post("/reminders/done").location)
    assert "2 月 23 日" in page
    assert "2026 年 11 月 23 日" in page


def test_she_puts_it_off_pauses_and_goes_on(phone: Phone, cast: Cast) -> None:
    turn_on(phone, tomorrow(cast))
    assert "12 月 1 日（周二）" in phone.page(phone.post("/reminders/snooze", days="7").location)
    assert phone.post("/reminders/snooze", days="15").status_code == 422
    paused = phone.page(phone.post("/reminders/pause").location)
    assert ("现在停着" in paused, "推迟 7 天" in paused) == (True, False)
    assert phone.post("/reminders/snooze", days="7").status_code == 303
    assert "11 月 24 日（周二）" in phone.page(phone.post("/reminders/resume").location)


def test_she_changes_it_without_agreeing_again(phone: Phone, cast: Cast) -> None:
    turn_on(phone, tomorrow(cast))
    form = phone.page("/reminders/change")
    assert ('name="agreed"' in form, 'value="2026"' in form) == (False, True)
    data = fill(phone, tomorrow(cast), "/reminders/change", hour="9", every_months="1")
    del data["agreed"]
    page = phone.page(phone.post("/reminders", data=data).location)
    assert ("上午 9 点" in page, "每 1 个月" in page) == (True, True)


def test_stopping_forgets_everything(phone: Phone, cast: Cast, woman: Woman) -> None:
    turn_on(phone, tomorrow(cast))
    page = phone.page(phone.post("/reminders/ending").location)
    assert ("您定的都删除了" in page, "要不要到日子提醒您" in page) == (True, True)
    assert reminding.rows(woman.at) == []
    assert phone.get("/reminders/change").status_code == 302
    for act in ("done", "pause", "resume", "ending"):
        assert phone.post(f"/reminders/{act}").status_code == 303


def test_the_message_leads_to_it_and_looking_is_a_sign_of_life(phone: Phone, cast: Cast, woman: Woman) -> None:
    turn_on(phone, tomorrow(cast))
    [card] = woman.wait_and_work(tomorrow(cast))
    opening = re.findall(r"https?://\S+", card.text)[0].removeprefix(woman.at.settings.base_url)
    answer = phone.get(opening)
    assert (answer.status_code, answer.location) == (302, "/reminders")
    assert "提醒过您" in phone.page("/reminders")
    with woman.at.db.reading() as session:
        [copy] = cards.of_person(session, woman.at.reminder_vault, woman.id)
    assert copy["seen_on"] == woman.today
    inbox = phone.page("/messages")
    [path] = set(re.findall(r'href="(/messages/[0-9a-z]{13})"', inbox))
    assert 'href="/reminders/from-a-message"' in phone.page(path)


def test_one_tap_stops_on_a_phone_that_is_not_signed_in(app: Flask, phone: Phone, cast: Cast, woman: Woman) -> None:
    turn_on(phone, tomorrow(cast))
    word, anybody = woman.word, Phone(app)
    page = anybody.page(f"/reminders/stop/{word}")
    assert page.count("<form") == 1
    assert len(reminding.rows(woman.at)) == 1  # looking, as previews of links do, stops nothing
    assert "好了，不会再提醒您了" in anybody.post(f"/reminders/stop/{word}").text
    assert reminding.rows(woman.at) == []
    assert "好了，不会再提醒您了" in anybody.post(f"/reminders/stop/{word}").text


def test_an_unknown_word_says_the_same(app: Flask, phone: Phone, cast: Cast, woman: Woman) -> None:
    turn_on(phone, tomorrow(cast))
    anybody = Phone(app)

    def both(path: str) -> list[str]:
        made = [anybody.page(path), anybody.post(path).text]
        return [re.sub(r'value="[^"]*"', "", text.replace(path, "")) for text in made]

    assert both("/reminders/stop/nonsense") == both(f"/reminders/stop/{woman.word}")
    assert anybody.post("/reminders/stop/nonsense", bare=True).status_code == 403


def test_a_stranger_sees_nothing_of_hers(app: Flask, phone: Phone, cast: Cast, woman: Woman) -> None:
    turn_on(phone, tomorrow(cast))
    other = Phone(app).enter(cast.resident("李䶮", 8))
    assert "要不要到日子提醒您" in other.page("/reminders")
    other.post("/reminders/ending")
    assert len(reminding.rows(woman.at)) == 1
    assert Phone(app).get("/reminders").status_code == 303


@pytest.mark.parametrize("choice", CHOICES)
def test_pages_are_sound_in_every_mode(phone: Phone, cast: Cast, choice: dict[str, str]) -> None:
    for name, value in choice.items():
        phone.choose(name, value)
    assert sound(phone.page("/reminders"))
    assert sound(turn_on(phone, tomorrow(cast)))
    assert sound(phone.page("/reminders/change"))
    assert sound(phone.page("/reminders/stop/x"))
    assert sound(phone.post("/reminders/stop/x").text)
    phone.post("/reminders/pause")
    assert sound(phone.page("/reminders"))
