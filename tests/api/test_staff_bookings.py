"""The day of a station over HTTP: every code that may be held under the scanner, and who may hold it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.accounts import staff
from backend.kernel.clock import SHANGHAI
from backend.models.booking import Booking
from backend.models.certificate import Receipt
from backend.models.staff import Staff
from tests.api.desk import Desk, problem
from tests.api.house import House, Phone

STATION, OTHER = "demo-a", "demo-b"
DAY, NEXT = "2026-12-08", "2026-12-09"


@pytest.fixture
def nurse(house: House) -> Desk:
    return house.clerk("zhan")


def to_the_day(house: House, day: str = DAY, hour: int = 8) -> None:
    at = datetime.fromisoformat(day).replace(hour=hour, tzinfo=SHANGHAI)
    house.runtime.clock.set(at)  # type: ignore[attr-defined]


def slot(phone: Phone, day: str = DAY, station: str = STATION) -> str:
    found = (phone.call("GET", f"/stations/{station}/slots?date={day}").json or {})["items"]
    return next(str(one["id"]) for one in found if one["available"] > 1)


def held(phone: Phone, day: str = DAY, station: str = STATION) -> dict[str, Any]:
    answer = phone.call("POST", "/bookings", {"slot_id": slot(phone, day, station), "plan": "first"})
    assert answer.status_code == 201, answer.text
    return dict(answer.json or {})


def booked(phone: Phone, day: str = DAY, station: str = STATION) -> dict[str, Any]:
    made = held(phone, day, station)
    answer = phone.call("POST", f"/bookings/{made['id']}/confirmation")
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def listed(nurse: Desk, day: str = DAY) -> list[dict[str, Any]]:
    answer = nurse.call("GET", f"/staff/bookings?station={STATION}&date={day}")
    assert answer.status_code == 200, answer.text
    return list((answer.json or {})["items"])


def refused(nurse: Desk, **body: str) -> str:
    status, code = problem(nurse.call("POST", "/staff/check-ins", body))
    assert status == 409
    return code


def colleague(house: House, region: str) -> Desk:
    """A nurse of a town."""
    at, name = house.runtime, f"nurse{region}"

    def hire(session: Any) -> None:
        if session.scalar(select(Staff.id).where(Staff.username == name)) is None:
            facts = {"name": "护士岗", "post": "护士岗", "role": "nurse", "level": "town", "region": region}
            staff.add(session, username=name, password="Demo-2026!", now=at.clock(), **facts)

    at.db.transact(hire)
    return house.clerk(name)


def test_the_whole_day_of_one_visit(house: House, nurse: Desk) -> None:
    made = booked(house.applicant())
    to_the_day(house)
    seen = next(one for one in listed(nurse) if one["id"] == made["id"])
    assert (seen["status"], seen["allowed_actions"]) == ("confirmed", ["check_in"])
    assert seen["people"] == [{"whose": "booker", "name_masked": "王*"}]
    for _ in range(2):
        here = nurse.call("POST", "/staff/check-ins", {"token": made["token"]})
        assert (here.status_code, (here.json or {})["status"]) == (200, "checked_in")
    for body in ({"people": [{"whose": "booker", "items": ["urine"]}]}, {}):
        done = nurse.call("POST", f"/staff/bookings/{made['id']}/completion", body)
        assert (done.status_code, (done.json or {})["status_label"]) == (200, "已检查")


def test_an_address_of_ours_and_the_letters_check_in_too(house: House, nurse: Desk) -> None:
    one, other = booked(house.applicant()), booked(house.applicant())
    to_the_day(house)
    address = f"{house.runtime.settings.base_url}/v/{one['token']}"
    assert nurse.call("POST", "/staff/check-ins", {"token": address}).status_code == 200
    assert refused(nurse, token=f"https://example.com/v/{other['token']}") == "unknown_code"
    letters = f"{other['code'][:4].lower()}-{other['code'][4:]}"
    assert nurse.call("POST", "/staff/check-ins", {"code": letters, "station": STATION}).status_code == 200


def test_a_check_in_is_taken_back_and_made_from_the_list(house: House, nurse: Desk) -> None:
    made = booked(house.applicant())
    to_the_day(house)
    path = f"/staff/bookings/{made['id']}"
    assert nurse.call("POST", f"{path}/check-in").status_code == 200
    assert nurse.call("DELETE", f"{path}/check-in").status_code == 204
    assert problem(nurse.call("POST", f"{path}/completion", {})) == (409, "not_allowed_now")


def test_a_receipt_is_no_booking(house: House, nurse: Desk) -> None:
    number = house.submitted().number
    with house.runtime.db.reading() as session:
        token = session.scalars(select(Receipt.token).where(Receipt.number == number)).one()
    assert refused(nurse, token=token) == "not_a_booking"
    assert refused(nurse, token=f"{house.runtime.settings.base_url}/v/{token}") == "not_a_booking"


@pytest.mark.parametrize("text", ["x", "a.b.c", "ABCD2345", "https://example.com/", "王㐂", "http://[", "0" * 1024])
def test_anything_else_is_unknown(nurse: Desk, text: str) -> None:
    assert refused(nurse, token=text) == "unknown_code"
    if len(text) <= 24:
        assert refused(nurse, code=text) == "unknown_code"


def test_a_forged_code_is_unknown(house: House, nurse: Desk) -> None:
    token = booked(house.applicant())["token"]
    head, body, signature = token.split(".")
    to_the_day(house)
    assert refused(nurse, token=f"{head}.{body}.{'A' * len(signature)}") == "unknown_code"
    assert refused(nurse, token=f"{head}.{body[:-2]}AA.{signature}") == "unknown_code"


def test_old_cancelled_and_unconfirmed_codes_say_so(house: House, nurse: Desk) -> None:
    mover, leaver, holder = house.applicant(), house.applicant(), house.applicant()
    moved, left = booked(mover, NEXT), booked(leaver)
    assert mover.call("POST", f"/bookings/{moved['id']}/reschedule", {"slot_id": slot(mover)}).status_code == 200
    assert leaver.call("POST", f"/bookings/{left['id']}/cancellation").status_code == 200
    waiting = held(holder)
    assert refused(nurse, code=waiting["code"]) == "not_confirmed"
    to_the_day(house)
    assert refused(nurse, token=moved["token"]) == "old_code"
    assert refused(nurse, token=left["token"]) == refused(nurse, code=left["code"]) == "booking_cancelled"


def test_another_day_is_named(house: House, nurse: Desk) -> None:
    made = booked(house.applicant(), NEXT)
    to_the_day(house)
    answer = nurse.call("POST", "/staff/check-ins", {"token": made["token"]})
    assert problem(answer) == (409, "other_day")
    assert ((answer.json or {})["date"], "12 月 9 日" in answer.text) == (NEXT, True)


def test_another_station_is_named(house: House, nurse: Desk) -> None:
    phone = house.applicant()
    # Tests of one house share its seats: whichever day has some left.
    days = (phone.call("GET", f"/stations/{OTHER}/days?from=2026-12-08&to=2026-12-18").json or {})["items"]
    day = next(one["date"] for one in days if one["available"] > 4)
    made = booked(phone, day, OTHER)
    to_the_day(house, day)
    for who, body in ((nurse, {"station": STATION}), (colleague(house, "370402001000"), {})):
        answer = who.call("POST", "/staff/check-ins", {"token": made["token"], **body})
        assert problem(answer) == (409, "other_station")
        assert "演示服务站乙" in answer.text
    assert nurse.call("POST", "/staff/check-ins", {"token": made["token"]}).status_code == 200


def test_a_finished_visit_is_not_checked_in_again(house: House, nurse: Desk) -> None:
    made = booked(house.applicant())
    to_the_day(house)
    nurse.call("POST", "/staff/check-ins", {"token": made["token"]})
    nurse.call("POST", f"/staff/bookings/{made['id']}/completion", {})
    assert refused(nurse, token=made["token"]) == "already_completed"


def test_no_code_tells_who_came_on_a_past_day(house: House, nurse: Desk) -> None:
    came, stayed, called_off = (booked(house.applicant(name)) for name in ("客甲", "客乙", "客丙"))
    to_the_day(house)
    nurse.call("POST", "/staff/check-ins", {"token": came["token"]})
    nurse.call("POST", f"/staff/bookings/{came['id']}/completion", {})
    house.runtime.db.transact(_call_off, called_off["code"])
    to_the_day(house, NEXT)
    answers = [nurse.call("POST", "/staff/check-ins", {"code": one["code"]}) for one in (came, stayed, called_off)]
    assert {problem(answer) for answer in answers} == {(409, "other_day")}


def _call_off(session: Session, code: str) -> None:
    session.execute(update(Booking).where(Booking.code == code).values(status="cancelled"))


def test_codes_cannot_be_guessed_by_the_thousand(house: House) -> None:
    nurse = colleague(house, "370402002000")
    codes = {problem(nurse.call("POST", "/staff/check-ins", {"code": "ABCD2345"})) for _ in range(45)}
    assert codes == {(409, "unknown_code"), (429, "too_many_tries")}


def test_a_walk_in_is_here_at_once_and_never_one_too_many(house: House, nurse: Desk) -> None:
    to_the_day(house, "2026-12-14")
    wanted = {"station": STATION, "seats": 2}
    made = nurse.call("POST", "/staff/bookings", {**wanted, "name": "客人"}, headers={"Idempotency-Key": "walk-1"})
    again = nurse.call("POST", "/staff/bookings", {**wanted, "name": "客人"}, headers={"Idempotency-Key": "walk-1"})
    assert (made.status_code, (made.json or {})["id"]) == (201, (again.json or {})["id"])
    assert (made.json or {})["people"][0] == {"whose": "walk_in", "name_masked": "客*"}
    answers = [nurse.call("POST", "/staff/bookings", wanted) for _ in range(4)]
    assert problem(answers[-1]) == (409, "slot_full")
    assert (answers[-1].json or {})["alternatives"][0]["available"] == 4


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/staff/check-ins", {}),
        ("/staff/check-ins", {"token": "a", "code": "b"}),
        ("/staff/check-ins", {"token": 1}),
        ("/staff/bookings", {"station": STATION, "seats": 3}),
        ("/staff/bookings", {"seats": 1}),
        ("/staff/bookings", {"station": STATION, "name": "13800000021"}),
        ("/staff/bookings", {"station": STATION, "seats": 1, "name": "x" * 51}),
    ],
)
def test_bad_bodies_are_422(nurse: Desk, path: str, body: dict[str, Any]) -> None:
    assert nurse.call("POST", path, body).status_code == 422


def test_only_nurses_and_only_their_own_stations(house: House, nurse: Desk) -> None:
    path = f"/staff/bookings?station={STATION}"
    assert house.clerk("xian").call("GET", path).status_code == 403
    assert house.visitor().call("GET", path).status_code == 401
    assert colleague(house, "370402002000").call("GET", path).status_code == 404
    assert nurse.call("GET", "/staff/bookings?station=nowhere").status_code == 404


def test_yesterday_is_empty_and_has_no_addresses(house: House, nurse: Desk) -> None:
    made = booked(house.applicant())
    to_the_day(house, NEXT)
    answer = nurse.call("GET", f"/staff/bookings?station={STATION}&date={DAY}")
    assert (answer.status_code, answer.json) == (200, {"items": []})
    for method, rest in (("POST", "completion"), ("POST", "check-in"), ("DELETE", "check-in")):
        assert nurse.call(method, f"/staff/bookings/{made['id']}/{rest}").status_code == 404
