"""The quarterly reminder over HTTP: shapes, versions, keys, refusals in words, and stopping without signing in."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from backend.accounts import policy
from backend.models.reminder import Reminder
from backend.models.resident import Resident
from backend.reminders import content
from backend.reminders.terms import terms
from tests.api.desk import problem
from tests.api.house import House, Phone
from workers import drain, registry

MINE = "/me/reminders/quarterly-check"
WISH = {"start_on": "2026-11-24", "channel": "inbox", "hour": 10, "every_months": 3}


@pytest.fixture
def phone(house: House) -> Phone:
    return house.resident()


def put(phone: Phone, **more: Any) -> dict[str, Any]:
    answer = phone.call("PUT", MINE, {**WISH, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def test_there_is_none_until_she_sets_it_and_the_text_can_be_read_before(phone: Phone) -> None:
    assert problem(phone.call("GET", MINE)) == (404, "not_found")
    text = phone.call("GET", f"{MINE}/consent").json
    assert text == {"text": terms().text["zh"], "text_version": terms().text_version}
    english = phone.call("GET", f"{MINE}/consent", headers={"Accept-Language": "en"}).json or {}
    assert english["text"] == terms().text["en"]


def test_it_says_everything_that_a_page_needs(phone: Phone) -> None:
    put(phone)
    answer = phone.call("GET", MINE)
    assert answer.headers["ETag"] == '"1"'
    assert answer.json == {
        **WISH,
        "next_on": "2026-11-24",
        "next_at": "2026-11-24T10:00:00+08:00",
        "done_on": None,
        "waiting": False,
        "paused": False,
        "status": "active",
        "status_label": "到日子提醒",
        "allowed_actions": ["snooze", "done", "pause", "change", "stop"],
        "consent": {
            "text": terms().text["zh"],
            "text_version": terms().text_version,
            "agreed_on": "2026-11-23",
        },
        "version": 1,
    }


def test_months_and_hour_have_usual_values(phone: Phone) -> None:
    answer = phone.call("PUT", MINE, {"start_on": "2026-11-24", "channel": "sms"})
    assert answer.status_code == 200
    assert ((answer.json or {})["every_months"], (answer.json or {})["hour"]) == (3, 10)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hour", 7),
        ("hour", 21),
        ("hour", True),
        ("hour", "10"),
        ("every_months", 0),
        ("every_months", 13),
        ("channel", "pigeon"),
        ("channel", "email"),
        ("start_on", "2026-02-30"),
        ("start_on", "2020-01-01"),
        ("start_on", None),
        ("resident", 1),
        ("text_version", 5),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(phone: Phone, field: str, value: object) -> None:
    answer = phone.call("PUT", MINE, {**WISH, field: value})
    assert problem(answer)[0] == 422
    assert list((answer.json or {})["errors"]) == [field]
    assert problem(phone.call("GET", MINE))[0] == 404


def test_an_older_text_is_a_conflict_that_names_the_new_one(phone: Phone) -> None:
    answer = phone.call("PUT", MINE, {**WISH, "text_version": "2020-01"})
    assert problem(answer) == (409, "consent_outdated")
    assert (answer.json or {})["text_version"] == terms().text_version


def test_every_press_answers_with_what_is_now_and_twice_is_once(phone: Phone) -> None:
    put(phone)
    for path, body, said in [
        ("snooze", {"days": 3}, ("next_on", "2026-11-27")),
        ("done", None, ("next_on", "2027-02-23")),
        ("done", {"on": "2026-11-20"}, ("done_on", "2026-11-20")),
        ("pause", None, ("status", "paused")),
        ("resume", None, ("status", "active")),
    ]:
        first, second = (phone.call("POST", f"{MINE}/{path}", body) for _ in range(2))
        assert (first.status_code, (first.json or {})[said[0]]) == (200, said[1])
        assert second.json == first.json


def test_a_key_gives_the_same_answer_and_refuses_another_body(phone: Phone) -> None:
    put(phone)
    key = {"Idempotency-Key": "one"}
    first = phone.call("POST", f"{MINE}/snooze", {"days": 3}, headers=key)
    assert phone.call("POST", f"{MINE}/snooze", {"days": 3}, headers=key).json == first.json
    assert problem(phone.call("POST", f"{MINE}/snooze", {"days": 4}, headers=key)) == (422, "idempotency_mismatch")


@pytest.mark.parametrize(("path", "body"), [("snooze", {"days": 0}), ("snooze", {"days": 15}), ("snooze", {})])
def test_days_outside_two_weeks_are_refused(phone: Phone, path: str, body: dict[str, Any]) -> None:
    put(phone)
    assert problem(phone.call("POST", f"{MINE}/{path}", body)) == (422, "invalid_input")


def test_a_stale_version_changes_nothing(phone: Phone) -> None:
    put(phone)
    stale, fresh = {"If-Match": '"7"'}, {"If-Match": '"1"'}
    assert problem(phone.call("PUT", MINE, {**WISH, "hour": 9}, headers=stale)) == (412, "stale")
    assert problem(phone.call("POST", f"{MINE}/done", headers=stale)) == (412, "stale")
    assert problem(phone.call("DELETE", MINE, headers=stale)) == (412, "stale")
    assert phone.call("PUT", MINE, {**WISH, "hour": 9}, headers=fresh).headers["ETag"] == '"2"'


def test_while_it_rests_there_is_no_next_day_and_nothing_to_put_off(phone: Phone) -> None:
    put(phone)
    resting = phone.call("POST", f"{MINE}/pause").json or {}
    assert (resting["next_on"], resting["next_at"], resting["paused"]) == (None, None, True)
    assert resting["allowed_actions"] == ["resume", "done", "change", "stop"]
    assert problem(phone.call("POST", f"{MINE}/snooze", {"days": 3})) == (409, "not_allowed_now")


def test_stopping_deletes_it_and_stopping_none_is_no_error(phone: Phone) -> None:
    put(phone)
    for _ in range(2):
        assert phone.call("DELETE", MINE).status_code == 204
    assert problem(phone.call("GET", MINE))[0] == 404
    for path in ("done", "pause", "resume"):
        assert problem(phone.call("POST", f"{MINE}/{path}"))[0] == 404


def test_the_word_stops_without_an_account_and_every_word_looks_the_same(house: House, phone: Phone) -> None:
    put(phone)
    with house.runtime.db.reading() as session:
        mine = Resident.mobile_index == policy.mobile_index(house.runtime.vault, phone.mobile)
        word = content.word(house.runtime.reminder_vault, session.scalars(select(Resident.id).where(mine)).one())
    answers = [house.visitor().call("POST", "/reminders/stop", {"word": one}) for one in ("nonsense", word, word)]
    assert {(answer.status_code, answer.data) for answer in answers} == {(204, b"")}
    assert problem(phone.call("GET", MINE))[0] == 404


def test_strangers_and_staff_have_no_way_in(house: House, phone: Phone) -> None:
    put(phone)
    assert problem(house.resident().call("GET", MINE))[0] == 404
    assert problem(house.visitor().call("GET", MINE))[0] == 401
    for clerk in ("cun", "zhen", "xian", "zhan", "admin"):
        assert problem(house.clerk(clerk).call("GET", MINE))[0] == 401


def test_the_copy_holds_it_and_leaving_deletes_it(house: House, phone: Phone) -> None:
    put(phone)
    made = phone.call("POST", "/me/export").json or {}
    drain.drain(house.runtime, registry.TOPICS["export"], go_on=lambda: True)
    copy = phone.call("GET", f"/me/exports/{made['id']}").json or {}
    [reminder] = copy["content"]["own_reminder"]
    assert (reminder["start_on"], reminder["seen_on"]) == ("2026-11-24", "2026-11-23")
    with house.runtime.db.reading() as session:
        before = set(session.scalars(select(Reminder.person)))
    assert phone.call("DELETE", "/me").status_code == 204
    with house.runtime.db.reading() as session:
        assert len(before - set(session.scalars(select(Reminder.person)))) == 1
