"""Rules, closures and stations over JSON: who may, what is refused and in which words."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.api.desk import Desk, problem
from tests.api.house import House

WEEK = [{"weekday": weekday, "from": "08:00", "to": "10:30"} for weekday in (1, 2, 3, 4)]
RULES: dict[str, Any] = {"hours": WEEK, "slot_minutes": 30, "seats_per_slot": 4, "daily_cap": 20}
PLATE = {"name": "城南服务站", "region": "370402001000", "phone": "0632-3333333", "residence_months": 0}
NUMBERS = itertools.count(1)


@pytest.fixture
def nurse(house: House) -> Desk:
    return house.clerk("zhan")


@pytest.fixture
def station(house: House) -> str:
    """A new station of the town without rules."""
    code = f"cheng-{next(NUMBERS)}"
    answer = house.clerk("admin").call("POST", "/admin/stations", {"code": code, **PLATE})
    assert answer.status_code == 201, answer.text
    return code


def town_nurse(house: House, region: str) -> Desk:
    """A nurse of one town, with a password of her own."""
    admin, username = house.clerk("admin"), f"hu-{next(NUMBERS)}"
    post = {"username": username, "post": "服务站护士岗", "role": "nurse", "level": "town", "region": region}
    made = admin.call("POST", "/admin/staff", post).json or {}
    desk = Desk(house.app)
    desk.token = (desk.staff(username, made["temporary_password"]).json or {})["access_token"]
    body = {"password": made["temporary_password"], "new_password": "vier Wörter und ein Ofen"}
    assert desk.call("PUT", "/staff/me/password", body).status_code == 204
    return desk


def put(desk: Desk, station: str, version: int | None = None, **changes: Any) -> Any:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return desk.call("PUT", f"/staff/stations/{station}/rules", {**RULES, **changes}, headers=headers)


def test_rules_and_days_are_for_nurses(house: House, station: str) -> None:
    assert problem(put(house.visitor(), station))[0] == 401
    for name in ("cun", "zhen", "xian", "hecha", "admin"):
        assert problem(put(house.clerk(name), station)) == (403, "forbidden")
        assert problem(house.clerk(name).call("GET", "/staff/stations")) == (403, "forbidden")
    for name in ("cun", "zhan"):
        assert problem(house.clerk(name).call("GET", "/admin/stations")) == (403, "forbidden")


def test_a_nurse_of_another_town_finds_nothing(house: House, station: str) -> None:
    there, here = town_nurse(house, "370402002000"), town_nurse(house, "370402001000")
    assert problem(put(there, station)) == (404, "not_found")
    for path in ("rules", "closures"):
        assert problem(there.call("GET", f"/staff/stations/{station}/{path}")) == (404, "not_found")
    assert problem(there.call("POST", f"/staff/stations/{station}/rules/preview", RULES)) == (404, "not_found")
    closing = {"from": "2026-11-24", "reason": "停电"}
    assert problem(there.call("POST", f"/staff/stations/{station}/closures", closing)) == (404, "not_found")
    assert problem(there.call("DELETE", f"/staff/stations/{station}/closures/2026-11-24")) == (404, "not_found")
    codes = [one["code"] for one in (there.call("GET", "/staff/stations").json or {})["items"]]
    assert "demo-b" in codes
    assert station not in codes
    assert put(here, station).status_code == 200


def test_rules_are_set_read_and_guarded_by_their_version(nurse: Desk, station: str) -> None:
    empty = nurse.call("GET", f"/staff/stations/{station}/rules")
    assert (empty.json["rules"], empty.headers["ETag"]) == (None, '"0"')  # type: ignore[index]
    answer = put(nurse, station, 0)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    body = answer.json
    defaults = {"lead_minutes": 60, "horizon_days": 30, "release_time": "08:00", "town_quotas": {}}
    assert defaults.items() <= body["rules"].items()
    assert body["change"]["made"] > 0
    assert put(nurse, station, 0).status_code == 412
    changed = put(nurse, station, 1, slot_minutes=50, town_quotas={"370402002": 4})
    assert changed.json["rules"]["town_quotas"] == {"370402002000": 4}
    free = nurse.call("GET", f"/stations/{station}/slots?date=2026-11-24").json or {}
    assert [one["available"] for one in free["items"]] == [4, 4, 4]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"hours": []}, "hours"),
        ({"hours": [{"weekday": 1, "from": "10:00", "to": "08:00"}]}, "hours.0"),
        ({"hours": [{"weekday": 1, "from": "8:00", "to": "10:00"}]}, "hours.0.from"),
        ({"hours": [{"weekday": 8, "from": "08:00", "to": "10:00"}]}, "hours.0.weekday"),
        ({"hours": [*WEEK, {"weekday": 4, "from": "10:00", "to": "11:00"}]}, "hours.4"),
        ({"hours": [{"weekday": 1, "from": "08:00", "to": "08:10"}]}, "hours.0"),
        ({"daily_cap": 0}, "daily_cap"),
        ({"seats_per_slot": -1}, "seats_per_slot"),
        ({"slot_minutes": True}, "slot_minutes"),
        ({"town_quotas": {"110101001": 3}}, "town_quotas.110101001000"),
        ({"release_time": "25:00"}, "release_time"),
        ({"horizon_days": 999}, "horizon_days"),
    ],
)
def test_wrong_rules_are_told_by_field(nurse: Desk, changes: dict[str, Any], field: str) -> None:
    for answer in (
        put(nurse, "demo-a", **changes),
        nurse.call("POST", "/staff/stations/demo-a/rules/preview", {**RULES, **changes}),
    ):
        assert problem(answer) == (422, "invalid_input")
        assert list((answer.json or {})["errors"]) == [field]


def booked(house: House, day: str = "2026-11-24", *, station: str) -> dict[str, Any]:
    """A confirmed booking of somebody new, in the first time of the day that has room."""
    phone = house.applicant()
    slots = (phone.call("GET", f"/stations/{station}/slots?date={day}").json or {})["items"]
    slot = next(one["id"] for one in slots if one["available"])
    made = phone.call("POST", "/bookings", {"slot_id": slot, "plan": "first"})
    assert made.status_code == 201, made.text
    answer = phone.call("POST", f"/bookings/{(made.json or {})['id']}/confirmation")
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def test_a_preview_saves_nothing_and_names_whom_it_hits(house: House, nurse: Desk, station: str) -> None:
    assert put(nurse, station).status_code == 200
    made = booked(house, station=station)
    body = {**RULES, "hours": WEEK[2:], "seats_per_slot": 1}
    found = nurse.call("POST", f"/staff/stations/{station}/rules/preview", body).json or {}
    assert [(one["code"], one["name_masked"], one["withdrawn_at"]) for one in found["hit"]] == [
        (made["code"], "王*", None)
    ]
    assert len(found["warnings"]) == 1
    assert nurse.call("GET", f"/staff/stations/{station}/rules").headers["ETag"] == '"1"'
    assert len(found["days"]) == 28


def test_a_closure_lists_its_bookings_and_is_the_same_when_sent_twice(house: House, nurse: Desk, station: str) -> None:
    assert put(nurse, station).status_code == 200
    made = booked(house, station=station)
    path, closing = f"/staff/stations/{station}/closures", {"from": "2026-11-24", "to": "2026-11-26", "reason": "停电"}
    headers = {"Idempotency-Key": f"close-{station}"}
    first, again = (nurse.call("POST", path, closing, headers=headers) for _ in range(2))
    assert (first.status_code, first.json) == (201, again.json)
    found = first.json or {}
    assert [one["code"] for one in found["hit"]] == [made["code"]]
    assert not {"id_number", "name", "mobile"} & set(found["hit"][0])
    assert [one["date"] for one in found["items"]] == ["2026-11-24", "2026-11-25", "2026-11-26"]
    back = nurse.call("DELETE", f"{path}/2026-11-24")
    assert (back.status_code, (back.json or {})["hit"]) == (200, [])
    assert problem(nurse.call("DELETE", f"{path}/2026-11-24")) == (404, "not_found")
    assert problem(nurse.call("DELETE", f"{path}/gestern")) == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"from": "2026-11-22", "reason": "停电"}, "from"),
        ({"from": "2026-11-24", "reason": " "}, "reason"),
        ({"reason": "停电"}, "from"),
        ({"from": "2026-11-24", "date": "2026-11-24", "reason": "停电"}, "from"),
        ({"from": "2026-11-24", "to": "2026-11-23", "reason": "停电"}, "to"),
        ({"from": "2026-11-28", "kind": "open"}, "hours"),
        ({"from": "2026-11-28", "kind": "half"}, "kind"),
        ({"from": "28.11.2026", "reason": "停电"}, "from"),
    ],
)
def test_days_that_do_not_fit_are_refused(nurse: Desk, body: dict[str, Any], field: str) -> None:
    answer = nurse.call("POST", "/staff/stations/demo-a/closures", body)
    assert problem(answer) == (422, "invalid_input")
    assert list((answer.json or {})["errors"]) == [field]


def test_a_single_day_is_closed_by_its_date_alone(nurse: Desk, station: str) -> None:
    assert put(nurse, station).status_code == 200
    path = f"/staff/stations/{station}/closures"
    made = nurse.call("POST", path, {"date": "2026-11-24"}).json or {}
    assert [(one["date"], one["reason"]) for one in made["items"]] == [("2026-11-24", "临时停诊")]
    assert problem(nurse.call("DELETE", f"{path}/2026-W48-2")) == (404, "not_found")
    assert nurse.call("DELETE", f"{path}/2026-11-24").status_code == 200


def test_a_make_up_day_opens_a_saturday(nurse: Desk, station: str) -> None:
    opening = {"from": "2026-11-28", "kind": "open", "hours": [{"from": "09:00", "to": "10:00"}]}
    refused = nurse.call("POST", f"/staff/stations/{station}/closures", opening)
    assert list((refused.json or {})["errors"]) == ["kind"]
    assert put(nurse, station).status_code == 200
    assert nurse.call("POST", f"/staff/stations/{station}/closures", opening).status_code == 201
    free = nurse.call("GET", f"/stations/{station}/slots?date=2026-11-28").json or {}
    assert len(free["items"]) == 2


def test_administrators_change_and_close_a_station(house: House, nurse: Desk, station: str) -> None:
    admin = house.clerk("admin")
    assert put(nurse, station).status_code == 200
    path, changed = f"/admin/stations/{station}", {**PLATE, "fasting_hours": 0, "marriage_certificate": True}
    assert admin.call("PUT", path, changed, headers={"If-Match": '"1"'}).headers["ETag"] == '"2"'
    assert problem(admin.call("PUT", path, PLATE, headers={"If-Match": '"1"'})) == (412, "stale")
    assert (admin.call("POST", f"{path}/closing").json or {})["status"] == "closed"
    assert house.visitor().call("GET", f"/stations/{station}/slots?date=2026-11-24").status_code == 404
    assert problem(put(nurse, station)) == (409, "station_closed")
    assert (admin.call("POST", f"{path}/reopening").json or {})["allowed_actions"] == ["edit", "close"]
    assert house.visitor().call("GET", f"/stations/{station}/slots?date=2026-11-24").status_code == 200
    taken = admin.call("POST", "/admin/stations", {"code": station, **PLATE})
    assert problem(taken) == (409, "station_exists")
    elsewhere = admin.call("POST", "/admin/stations", {"code": "x-9", **PLATE, "region": "110101001000"})
    assert list((elsewhere.json or {})["errors"]) == ["region"]


def test_the_week_at_a_glance_begins_today(nurse: Desk, station: str) -> None:
    assert put(nurse, station).status_code == 200
    items = (nurse.call("GET", "/staff/stations").json or {})["items"]
    mine = next(one for one in items if one["code"] == station)
    assert mine["days"][0]["date"] == "2026-11-23"
    assert [one["seats"] for one in mine["days"]] == [20, 20, 20, 20, 0, 0, 0]
