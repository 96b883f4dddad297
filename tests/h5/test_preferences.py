"""The page where people say how they want to be told, and the record of what was sent, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, update

from backend.models.delivery import Delivery, NotificationPreference
from backend.web.context import bind
from tests import told
from tests.h5.phone import Phone
from tests.h5.test_pages_render import CHOICES, sound
from tests.people import Cast
from tests.wechat_door import joined, known

PAGE, RECORD = "/me/notifications", "/me/notifications/sent"
TICKED = re.compile(r'name="([a-z]+)"(?: id="[^"]*")? value="([a-z]+)" checked')


def ticked(page: str) -> set[tuple[str, str]]:
    return set(TICKED.findall(page))


def save(phone: Phone, **fields: object) -> str:
    done = phone.post(PAGE, data={"todo.shown": "1", "quiet_from": "21", "quiet_to": "8", "language": "zh"} | fields)
    assert done.status_code == 303, done.text
    return phone.page(done.location)


@pytest.fixture
def wechat(app: Flask, phone: Phone) -> Iterator[None]:
    """An installation that has a service account."""
    with joined(phone.runtime.settings) as (_standing, settings):
        bind(app, known(phone.runtime, settings))
        yield


@pytest.mark.usefixtures("wechat")
def test_the_account_leads_there_and_the_defaults_are_ticked(phone: Phone) -> None:
    assert f'href="{PAGE}"' in phone.page("/me")
    shown = phone.page(PAGE)
    assert {("todo", "wechat"), ("todo", "sms"), ("language", "zh")} <= ticked(shown)
    assert ("还没有关联微信" in shown, 'href="/me/wechat"' in shown) == (True, True)
    assert '<option value="21" selected>21:00</option>' in shown
    page = save(phone, todo=["sms"])
    assert ("todo", "wechat") not in ticked(page)


def test_without_a_service_account_no_wechat_is_offered_and_its_choice_survives(phone: Phone, cast: Cast) -> None:
    page = phone.page(PAGE)
    assert ("微信" not in page.split("<main")[1].split("</main>")[0], "短信全部停掉" in page) == (True, True)
    save(phone, todo=[])
    with cast.db.reading() as session:
        assert session.scalars(select(NotificationPreference.choices)).one() == {"todo": ["wechat"]}


def test_what_is_ticked_is_kept_and_other_kinds_stay(phone: Phone) -> None:
    page = save(phone, todo=["sms"], quiet_to="10", language="en")
    assert "已保存" in page
    assert {("todo", "sms"), ("language", "en")} <= ticked(page)
    assert ("todo", "wechat") not in ticked(page)
    assert ("result", "sms") in ticked(page)
    assert '<option value="10" selected>' in page
    assert ("todo", "sms") not in ticked(save(phone))


def test_nonsense_in_the_form_changes_nothing(phone: Phone) -> None:
    page = save(phone, todo=["sms", "pigeon"], quiet_from="<b>", quiet_to="99", language="fr")
    assert {("todo", "sms"), ("language", "zh")} <= ticked(page)
    refused = phone.post(PAGE, data={"quiet_from": "23"})
    assert (refused.status_code, "晚上只能更早安静" in refused.text) == (422, True)
    assert phone.post(PAGE, bare=True).status_code == 403


def test_stopping_leaves_one_button_to_go_on(phone: Phone, cast: Cast) -> None:
    who = cast.resident("王㐂", 7)
    told.tell(cast, who)
    page = phone.page(phone.post(f"{PAGE}/stop").location)
    assert "外面的消息都停了" in page
    assert "自己定的提醒照常发" in page
    assert f'action="{PAGE}/resume"' in page
    assert "没有发" in phone.page(RECORD)
    assert ("todo", "sms") in ticked(phone.page(phone.post(f"{PAGE}/resume").location))


def test_the_record_shows_word_and_shape_and_calls_off(phone: Phone, cast: Cast) -> None:
    assert "还没有发过" in phone.page(RECORD)
    told.tell(cast, cast.resident("王㐂", 7))
    page = phone.page(RECORD)
    assert ("等着发" in page, "○" in page, "还差几样" in page) == (True, True, True)
    [action] = re.findall(r'action="(/me/notifications/sent/[^"]+)"', page)
    for _ in range(2):
        assert phone.post(action).status_code == 303
    page = phone.page(RECORD)
    assert ("没有发" in page, action in page) == (True, False)


@pytest.mark.parametrize(("error", "why"), [("NoCredit", "允许一次才能发一次"), ("budget", "短信发完了")])
def test_what_was_not_sent_says_why_and_is_no_fault(phone: Phone, cast: Cast, error: str, why: str) -> None:
    told.tell(cast, cast.resident("王㐂", 7))
    failed = update(Delivery).values(status="failed", error=error)
    cast.run(lambda session: session.execute(failed))
    page = phone.page(RECORD)
    assert ("没有发" in page, why in page, "没有送到" in page, "tag red" in page) == (True, True, False, False)
    cast.run(lambda session: session.execute(failed.values(error="SmsRefused")))
    assert ("没有送到" in (page := phone.page(RECORD)), "tag red" in page) == (True, True)


def test_a_stranger_sees_and_changes_nothing(app: Flask, phone: Phone, cast: Cast) -> None:
    told.tell(cast, cast.resident("王㐂", 7))
    [action] = re.findall(r'action="(/me/notifications/sent/[^"]+)"', phone.page(RECORD))
    other = Phone(app).enter(cast.resident("李䶮", 8))
    assert "还没有发过" in other.page(RECORD)
    assert other.post(action).status_code == 404
    assert Phone(app).get(PAGE).status_code == 303
    save(other, todo=[])
    with cast.db.reading() as session:
        assert session.scalars(select(Delivery.status)).one() == "waiting"
        assert session.scalars(select(NotificationPreference.resident_id)).one() == cast.residents["李䶮"]


@pytest.mark.parametrize("choice", CHOICES, ids=("zh", "en", "care"))
def test_pages_are_sound_in_every_mode(phone: Phone, cast: Cast, choice: dict[str, str]) -> None:
    for name, value in choice.items():
        phone.choose(name, value)
    assert sound(phone.page(RECORD))
    told.tell(cast, cast.resident("王㐂", 7))
    assert [path for path in (PAGE, RECORD) if not sound(phone.page(path))] == []
    phone.post(f"{PAGE}/stop")
    assert sound(phone.page(PAGE))
