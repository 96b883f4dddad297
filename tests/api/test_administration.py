"""The administration and the own account over JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest

from tests.api.desk import Desk, problem
from tests.api.house import House, claim
from tests.people import COUNTY, TOWN

POST = {"post": "镇街审核岗", "role": "reviewer", "level": "town", "region": TOWN}
PATHS = ["/admin/staff", "/admin/offices", "/admin/calendars", "/admin/health", "/admin/journal", "/admin/dead-work"]


@pytest.fixture
def admin(house: House) -> Desk:
    return house.clerk("admin")


def hire(admin: Desk, username: str, **changes: Any) -> dict[str, Any]:
    answer = admin.call("POST", "/admin/staff", {"username": username, **POST, **changes})
    assert answer.status_code == 201, answer.text
    return dict(answer.json or {})


def newcomer(house: House, made: dict[str, Any]) -> Desk:
    """Signed in with the temporary password."""
    desk = Desk(house.app)
    answer = desk.staff(made["username"], made["temporary_password"])
    assert answer.status_code == 200, answer.text
    desk.token = (answer.json or {})["access_token"]
    return desk


def settled(house: House, made: dict[str, Any]) -> Desk:
    """The same with a password of their own."""
    desk = newcomer(house, made)
    body = {"password": made["temporary_password"], "new_password": "vier Wörter und ein Ofen"}
    assert desk.call("PUT", "/staff/me/password", body).status_code == 204
    return desk


@pytest.mark.parametrize("path", PATHS)
def test_administration_is_for_administrators(house: House, path: str) -> None:
    assert problem(house.visitor().call("GET", path))[0] == 401
    assert problem(house.resident().call("GET", path))[0] == 401
    for name in ("cun", "zhen", "xian", "zhan", "hecha"):
        assert problem(house.clerk(name).call("GET", path)) == (403, "forbidden")
    assert house.clerk("admin").call("GET", path).status_code == 200


def test_administrators_see_no_cases(house: House, admin: Desk) -> None:
    assert problem(admin.call("GET", "/staff/applications")) == (403, "forbidden")


def test_new_colleague_changes_the_password_first(house: House, admin: Desk) -> None:
    made = hire(admin, "anfang")
    assert (made["status"], made["password_stale"]) == ("active", True)
    desk = newcomer(house, made)
    assert problem(desk.call("GET", "/staff/applications")) == (403, "password_change_required")
    weak = {"password": made["temporary_password"], "new_password": "kurz"}
    assert problem(desk.call("PUT", "/staff/me/password", weak)) == (422, "weak_password")
    good = {**weak, "new_password": "vier Wörter und ein Ofen"}
    assert problem(desk.call("PUT", "/staff/me/password", {**good, "password": "x"})) == (422, "wrong_password")
    assert desk.call("PUT", "/staff/me/password", good).status_code == 204
    assert desk.call("GET", "/staff/applications").status_code == 200


def test_repeated_request_shows_the_same_password(house: House, admin: Desk) -> None:
    body, headers = {"username": "doppelt", **POST}, {"Idempotency-Key": "hire-doppelt"}
    first, again = (admin.call("POST", "/admin/staff", body, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    newcomer(house, dict(first.json or {}))
    other = admin.call("POST", "/admin/staff", {**body, "username": "anders"}, headers=headers)
    assert problem(other) == (422, "idempotency_mismatch")


def test_disabled_in_mid_session_is_out_at_once_and_its_case_is_free(house: House, admin: Desk) -> None:
    made = hire(admin, "geht-bald", level="village", region="370402001013", post="村级核对岗")
    desk = settled(house, made)
    number = house.submitted().number
    claim(desk, number)
    answer = admin.call("POST", f"/admin/staff/{made['id']}/disabling")
    assert (answer.json or {})["status"] == "disabled"
    assert problem(desk.call("GET", "/staff/applications"))[0] == 401
    assert problem(desk.staff("geht-bald", "vier Wörter und ein Ofen")) == (401, "wrong_password")
    claim(house.clerk("cun"), number)
    assert (admin.call("POST", f"/admin/staff/{made['id']}/enabling").json or {})["status"] == "active"


def test_reset_of_a_password_ends_the_sessions(house: House, admin: Desk) -> None:
    made = hire(admin, "vergisst")
    desk = settled(house, made)
    again = admin.call("POST", f"/admin/staff/{made['id']}/password-reset").json or {}
    assert problem(desk.call("GET", "/staff/applications"))[0] == 401
    newcomer(house, again)


def test_last_administrator_stays(house: House, admin: Desk) -> None:
    (mine,) = (admin.call("GET", "/admin/staff?q=admin").json or {})["items"]
    assert problem(admin.call("POST", f"/admin/staff/{mine['id']}/disabling")) == (409, "last_administrator")


def test_strangers_in_the_path_are_404(house: House, admin: Desk) -> None:
    assert problem(admin.call("GET", "/admin/staff/0000000000001"))[0] == 404
    assert problem(admin.call("GET", "/admin/offices/370403000000"))[0] == 404
    assert problem(admin.call("GET", "/admin/service-items/nothing/versions"))[0] == 404
    assert problem(admin.call("POST", "/admin/dead-work/replay", {"topic": "nothing"}))[0] == 404


@pytest.mark.parametrize(
    "change",
    [{"role": "boss"}, {"region": "１２"}, {"region": "370403001001"}, {"username": "Ä"}, {"post": " "}, {"x": 1}],
)
def test_bad_accounts_are_422(house: House, admin: Desk, change: dict[str, Any]) -> None:
    assert problem(admin.call("POST", "/admin/staff", {"username": "schlecht", **POST, **change}))[0] == 422


def test_list_pages_by_name(house: House, admin: Desk) -> None:
    names, cursor = [], ""
    while True:
        page = admin.call("GET", f"/admin/staff?limit=2{cursor}").json or {}
        names += [one["username"] for one in page["items"]]
        if not page["next_cursor"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert names == sorted(names)
    assert {"admin", "cun", "zhen"} <= set(names)
    assert problem(admin.call("GET", "/admin/staff?cursor=%00"))[0] == 422


def test_office_reaches_those_who_ask(house: House, admin: Desk) -> None:
    body = {"name": "测试居委会", "phone": "0632-11111", "address": "一楼"}
    assert admin.call("PUT", "/admin/offices/370402002003", body).status_code == 200
    seen = house.visitor().call("GET", "/offices?region=370402002003").json or {}
    assert any(one["phone"] == "0632-11111" for one in seen["items"])
    assert problem(admin.call("PUT", "/admin/offices/370402002003", {**body, "phone": "x"}))[0] == 422


def test_calendar_counts_in_this_process_at_once(house: House, admin: Desk) -> None:
    body = {
        "version": 0,
        "source": "测试通知",
        "holidays": [{"name": "元旦", "first": "2031-01-01", "last": "2031-01-03"}],
        "workdays": ["2031-01-04"],
    }
    assert not house.runtime.calendar.knows(2031)
    assert (admin.call("PUT", "/admin/calendars/2031", body).json or {})["version"] == 1
    assert house.runtime.calendar.knows(2031)
    assert problem(admin.call("PUT", "/admin/calendars/2031", body)) == (409, "changed_meanwhile")
    wrong = {**body, "version": 1, "workdays": ["2031-01-06"]}
    assert list((admin.call("PUT", "/admin/calendars/2031", wrong).json or {})["errors"]) == ["workdays.0"]


def test_item_is_checked_published_and_taken_back(house: House, admin: Desk) -> None:
    path = "/admin/service-items"
    text = admin.call("GET", f"{path}/checkup/versions/1").text
    changed = re.sub(r"(?m)^position = \d+$", "position = 77", text)
    found = admin.call("POST", f"{path}/checks", {"text": changed}).json or {}
    assert (found["code"], found["base_version"], list(found["changes"])) == ("checkup", 1, ["other"])
    assert (admin.call("POST", path, {"text": changed, "base_version": 1}).json or {})["version"] == 2
    assert problem(admin.call("POST", path, {"text": changed, "base_version": 1})) == (409, "changed_meanwhile")
    back = admin.call("POST", f"{path}/checkup/rollback", {"version": 1, "base_version": 2})
    assert (back.json or {})["version"] == 3
    lines = (admin.call("GET", "/admin/journal?group=item").json or {})["items"]
    assert [one["act"] for one in lines[:2]] == ["item.rollback", "item.publish"]


@pytest.mark.parametrize("text", ["a = [", "", "a = 1" + "0" * 6000, "a" + ".a" * 40_000, "a = " + "[" * 80_000])
def test_broken_items_are_422_with_lines(house: House, admin: Desk, text: str) -> None:
    answer = admin.call("POST", "/admin/service-items/checks", {"text": text})
    assert problem(answer) == (422, "invalid_definition")
    assert all(one["line"] >= 1 and one["message"] for one in (answer.json or {})["faults"])


def test_check_up_tells_what_to_do(house: House, admin: Desk) -> None:
    found = (admin.call("GET", "/admin/health").json or {})["items"]
    assert {"calendar_missing", "unstaffed_village"} <= {one["code"] for one in found}
    assert all(one["title"] and one["advice"] and one["level"] in ("bad", "soon", "good") for one in found)


def test_second_factor_is_bound_used_and_replaced(house: House, admin: Desk) -> None:
    made = hire(admin, "sicher")
    desk = settled(house, made)
    begun = desk.call("POST", "/staff/me/second-factor").json or {}
    totp = pyotp.TOTP(begun["secret"])
    body = {"pending": begun["pending"], "code": totp.now()}
    codes = (desk.call("PUT", "/staff/me/second-factor", body).json or {})["recovery_codes"]
    assert len(codes) == 10
    name = {"username": "sicher", "password": "vier Wörter und ein Ofen"}
    sign_in: Callable[[str | None], Any] = lambda otp: desk.call("POST", "/staff/auth", {**name, "otp": otp})  # noqa: E731 - one line, used thrice
    assert problem(sign_in(None)) == (401, "otp_required")
    assert problem(sign_in(body["code"])) == (401, "wrong_password")
    assert sign_in(codes[0]).status_code == 200
    assert problem(sign_in(codes[0])) == (401, "wrong_password")
    begun = desk.call("POST", "/staff/me/second-factor").json or {}
    other = {"pending": begun["pending"], "code": pyotp.TOTP(begun["secret"]).now()}
    assert problem(desk.call("PUT", "/staff/me/second-factor", other)) == (422, "wrong_password")
    assert admin.call("POST", f"/admin/staff/{made['id']}/second-factor-reset").status_code == 200
    assert problem(desk.call("GET", "/staff/applications"))[0] == 401


def test_sessions_are_listed_and_ended(house: House, admin: Desk) -> None:
    made = hire(admin, "ueberall", level="county", region=COUNTY)
    desk = settled(house, made)
    other = Desk(house.app)
    other.token = (other.staff("ueberall", "vier Wörter und ein Ofen").json or {})["access_token"]
    found = (desk.call("GET", "/staff/me/sessions").json or {})["items"]
    assert [one["current"] for one in found] == [False, True]
    assert desk.call("DELETE", f"/staff/me/sessions/{found[0]['id']}").status_code == 204
    assert problem(other.call("GET", "/staff/me/sessions"))[0] == 401
    assert problem(house.clerk("zhen").call("DELETE", f"/staff/me/sessions/{found[1]['id']}"))[0] == 404
