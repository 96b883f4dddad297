"""Before the visit over HTTP: the checklists of a couple, and a calendar file that follows every change."""

from __future__ import annotations

from typing import Any

import pytest
from icalendar import Calendar

from backend.notifications.wording.discretion import HEALTH_WORDS
from tests.api.desk import problem
from tests.api.house import House, Phone

STATION = "demo-a"


def slots(phone: Phone, day: str) -> list[str]:
    answer = phone.call("GET", f"/stations/{STATION}/slots?date={day}").json or {}
    return [slot["id"] for slot in answer["items"] if slot["available"] > 1]


def held(phone: Phone, day: str, **body: Any) -> str:
    answer = phone.call("POST", "/bookings", {"slot_id": slots(phone, day)[0], "plan": "first", **body})
    assert answer.status_code == 201, answer.text
    return str((answer.json or {})["id"])


def booked(phone: Phone, day: str = "2026-12-01", **body: Any) -> str:
    made = held(phone, day, **body)
    assert phone.call("POST", f"/bookings/{made}/confirmation").status_code == 200
    return made


def couple(house: House) -> tuple[Phone, Phone]:
    one, other = house.applicant("王㐂"), house.applicant("李䶮")
    code = (one.call("POST", "/me/partner-invitations").json or {})["code"]
    assert other.call("POST", f"/partner-invitations/{code}/acceptance").status_code == 200
    return one, other


def event(phone: Phone, made: str, **options: Any) -> Any:
    answer = phone.call("GET", f"/bookings/{made}.ics", **options)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return Calendar.from_ical(answer.data), answer


def test_each_of_a_couple_has_a_list_with_the_own_one_first(house: House) -> None:
    one, other = couple(house)
    made = booked(one, partner=True)
    for phone in (one, other):
        body = phone.call("GET", f"/bookings/{made}/preparation").json or {}
        assert [person["who"] for person in body["people"]] == ["me", "partner"]
        assert body["people"][0]["before"][0]["text"] == "11 月 30 日（周一）晚上 12 点以后不要吃东西，可以喝少量白水"
    # One serial number is even and one is odd: a woman and a man, whoever looks.
    assert {person["count"] for person in body["people"]} == {18, 10}
    woman = max(body["people"], key=lambda person: person["count"])
    assert "timing" in {hint["code"] for hint in woman["before"]}
    assert [len(group["checks"]) for group in woman["groups"]] == [3, 2, 13]
    assert "大约 2 小时" in body["takes"]


def test_companion_is_called_by_name_and_only_by_the_booker(house: House) -> None:
    phone = house.applicant()
    made = booked(phone, "2026-12-02", companion="赵㛃")
    titles = [person["title"] for person in (phone.call("GET", f"/bookings/{made}/preparation").json or {})["people"]]
    assert titles == ["您", "赵㛃"]


@pytest.mark.parametrize("what", ["/preparation", ".ics"])
def test_stranger_sees_nothing(house: House, what: str) -> None:
    made = booked(house.applicant(), "2026-12-03")
    answer = house.applicant("赵㛃").call("GET", f"/bookings/{made}{what}")
    assert problem(answer) == (404, "not_found")
    assert house.visitor().call("GET", f"/bookings/{made}{what}").status_code == 401


def test_calendar_follows_every_change_under_one_uid(house: House) -> None:
    phone = house.applicant()
    made = booked(phone, "2026-12-07")
    first, _ = event(phone, made)
    later = slots(phone, "2026-12-08")[0]
    assert phone.call("POST", f"/bookings/{made}/reschedule", {"slot_id": later}).status_code == 200
    second, _ = event(phone, made)
    assert phone.call("POST", f"/bookings/{made}/cancellation").status_code == 200
    third, _ = event(phone, made)
    visits = [calendar.walk("VEVENT")[0] for calendar in (first, second, third)]
    assert len({visit["UID"] for visit in visits}) == 1
    assert [visit["SEQUENCE"] for visit in visits] == [0, 1, 2]
    assert [visit["STATUS"] for visit in visits] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert third["METHOD"] == "CANCEL"
    assert visits[1].decoded("DTSTART").isoformat() == "2026-12-08T00:00:00+00:00"


def test_calendar_says_nothing_of_health_and_everything_to_find_the_place(house: House) -> None:
    phone = house.applicant()
    made = booked(phone, "2026-12-09")
    calendar, answer = event(phone, made)
    (visit,) = calendar.walk("VEVENT")
    assert visit["SUMMARY"] == "预约：演示服务站甲"
    assert [word for word in HEALTH_WORDS if word in answer.text.replace("\r\n ", "").lower()] == []
    assert "晚上 12 点以后不要吃东西" in visit["DESCRIPTION"]
    english, _ = event(phone, made, headers={"Accept-Language": "en"})
    assert "Demo station A" in english.walk("VEVENT")[0]["SUMMARY"]


def test_what_is_only_held_has_no_calendar_file(house: House) -> None:
    phone = house.applicant()
    made = held(phone, "2026-12-10")
    assert problem(phone.call("GET", f"/bookings/{made}.ics")) == (404, "not_found")
