"""What cannot be booked, over HTTP: each with a status and a code of its own, and nothing taken."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.accounts import service as accounts, sessions
from backend.app import create_app
from backend.bookings import demo, generation
from backend.kernel import ids
from backend.kernel.clock import system_clock
from backend.models.booking import Booking, BookingSeat
from backend.models.station import Slot, Station, StationException, StationRules
from backend.web import tokens
from tests.api.desk import Desk, problem
from tests.api.house import House, Phone
from workers import bookings

#: Tuesday to Thursday, two slots of two seats; a station elsewhere; one without rules; one that asks where people live.
HERE, FAR, EMPTY, ASKS = "proof-here", "proof-far", "proof-empty", "proof-asks"
DAY, SUNDAY, CLOSED, TOO_FAR = "2026-12-01", "2026-12-06", "2026-12-02", "2027-01-12"
RULES = demo.RULES | {"hours": [[day, "08:00", "09:00"] for day in (1, 2, 3, 4)], "seats_per_slot": 2}
LIVING = {"kind": "living", "region": "370402001013"}


@pytest.fixture
def house(house: House) -> Iterator[House]:
    at = house.runtime
    at.db.transact(_open, now=at.clock())
    for n, code in enumerate((HERE, FAR, ASKS)):
        now = at.clock() + timedelta(milliseconds=n)
        at.db.transact(generation.make, calendar=at.calendar, station=code, now=now)
    yield house
    at.db.transact(_shut)


def _open(session: Session, *, now: Any) -> None:
    for code, county, months in ((HERE, "370402", 0), (FAR, "370403", 6), (EMPTY, "370402", 0), (ASKS, "370402", 6)):
        place = {"region": f"{county}001000", "county": f"{county}000000", "phone": "0632-12345"}
        session.add(Station(code=code, name=code, residence_months=months, updated_at=now, **place))
        if code != EMPTY:
            session.add(StationRules(station=code, **RULES, updated_at=now))
    day = date.fromisoformat(CLOSED)
    session.add(StationException(id=ids.new_id(now), station=HERE, day=day, kind="closed", hours=[], reason="检修"))


def _shut(session: Session) -> None:
    theirs = select(Booking.id).where(Booking.station.like("proof-%"))
    session.execute(delete(BookingSeat).where(BookingSeat.booking_id.in_(theirs)))
    for table in (Slot, StationException, StationRules, Booking):
        session.execute(delete(table).where(table.station.like("proof-%")))
    session.execute(delete(Station).where(Station.code.like("proof-%")))


def slots(phone: Desk, day: str = DAY, station: str = HERE) -> list[str]:
    found = phone.call("GET", f"/stations/{station}/slots?date={day}")
    assert found.status_code == 200, found.text
    return [str(slot["id"]) for slot in (found.json or {})["items"]]


def ask(phone: Desk, slot: str, **more: Any) -> Any:
    return phone.call("POST", "/bookings", {"slot_id": slot, "plan": "first"} | more)


def held(phone: Desk, slot: str = "", **more: Any) -> str:
    answer = ask(phone, slot or slots(phone)[0], **more)
    assert answer.status_code == 201, answer.text
    return str((answer.json or {})["id"])


def linked(house: House) -> tuple[Phone, Phone]:
    mine, theirs = house.applicant("王㐂"), house.applicant("李䶮")
    code = invited(mine)
    assert theirs.call("POST", f"/partner-invitations/{code}/acceptance").status_code == 200
    return mine, theirs


def invited(phone: Phone) -> str:
    answer = phone.call("POST", "/me/partner-invitations")
    assert answer.status_code == 201, answer.text
    return str((answer.json or {})["code"])


def crowd(house: House, number: int, prefix: str) -> list[Desk]:
    """So many signed-in accounts, without the messages of signing in."""

    def write(session: Session) -> list[Any]:
        key, now = at.settings.secrets.session_key, at.clock()
        who = [accounts.ensure_resident(session, at.vault, mobile=f"{prefix}{n:06d}", now=now) for n in range(number)]
        return [sessions.begin(session, key=key, kind="resident", account_id=w, at=system_clock()) for w in who]

    at, desks = house.runtime, []
    pairs = at.db.transact(write)
    with house.app.app_context():
        for pair in pairs:
            desk = Desk(house.app)
            desk.token = tokens.access(pair.session)
            desks.append(desk)
    return desks


def test_days_without_slots_are_closed(house: House) -> None:
    phone = house.visitor()
    for day in (SUNDAY, CLOSED, TOO_FAR, "2026-11-22"):
        assert slots(phone, day) == []
    assert slots(phone, DAY, EMPTY) == []
    found = phone.call("GET", f"/stations/{EMPTY}/days?from=2026-12-01&to=2026-12-31").json or {}
    assert {one["state"] for one in found["items"]} == {"closed"}
    assert found["next_free"] is None


def test_a_slot_that_is_over_too_near_or_not_open_yet_is_closed(house: House) -> None:
    phone = house.resident()
    [first, *_] = slots(phone)
    house.runtime.clock.set(house.runtime.clock() + timedelta(days=30))  # type: ignore[attr-defined]
    assert problem(ask(phone, first)) == (409, "slot_closed")
    house.to_monday()
    late = _not_open_yet(house)
    assert problem(ask(phone, late)) == (409, "slot_closed")
    house.runtime.clock.set(_begins(house, first) - timedelta(minutes=30))  # type: ignore[attr-defined]
    assert problem(ask(phone, first)) == (409, "slot_closed")


def _not_open_yet(house: House) -> str:
    with house.runtime.db.reading() as session:
        rows = session.query(Slot).where(Slot.station == HERE, Slot.opens_at > house.runtime.clock())
        return ids.encode(rows.order_by(Slot.starts_at)[0].id)


def _begins(house: House, slot: str) -> Any:
    with house.runtime.db.reading() as session:
        return session.get_one(Slot, ids.decode(slot)).starts_at


@pytest.mark.parametrize("slot", ["0000000000001", "7zzzzzzzzzzzz"])
def test_an_unknown_slot_is_404(house: House, slot: str) -> None:
    assert problem(ask(house.resident(), slot)) == (404, "not_found")


@pytest.mark.parametrize(
    "slot", ["", "1", "ABCDEFGHJKMNP", "8000000000000", "000000000000u", "000000000000１", None, 7, []]
)
def test_a_slot_that_is_no_id_is_422(house: House, slot: Any) -> None:
    assert problem(ask(house.resident(), slot)) == (422, "invalid_input")


def test_another_countys_station_is_for_its_own_people(house: House) -> None:
    phone = house.resident()
    [slot, *_] = slots(phone, station=FAR)
    assert problem(ask(phone, slot)) == (422, "residence_required")
    registered = {"kind": "registered", "region": "370402001013"}
    assert problem(ask(phone, slot, residence=registered)) == (422, "not_resident")
    made = ask(phone, slot, residence={"kind": "registered", "region": "370403001000"})
    assert made.status_code == 201


@pytest.mark.parametrize("since", [None, "2026-05-24", "2026-11-24", "2999-01-01"])
def test_a_migrant_of_less_than_six_months_is_told_where_to_go(house: House, since: str | None) -> None:
    phone = house.resident()
    [slot, *_] = slots(phone, station=ASKS)
    declared = LIVING | ({"since": since} if since else {})
    assert problem(ask(phone, slot, residence=declared)) == (422, "not_resident")


def test_a_migrant_of_six_months_books_where_they_live(house: House) -> None:
    phone = house.resident()
    [slot, *_] = slots(phone, station=ASKS)
    assert ask(phone, slot, residence=LIVING | {"since": "2026-05-23"}).status_code == 201


def test_somebody_elses_hold_is_not_there(house: House) -> None:
    made, stranger = held(house.applicant("王㐂")), house.applicant("客甲")
    assert problem(stranger.call("GET", f"/bookings/{made}")) == (404, "not_found")
    for act in ("confirmation", "cancellation"):
        assert problem(stranger.call("POST", f"/bookings/{made}/{act}")) == (404, "not_found")
    wish = {"slot_id": slots(stranger)[0]}
    assert problem(stranger.call("POST", f"/bookings/{made}/reschedule", wish)) == (404, "not_found")


@pytest.mark.parametrize("swept", [False, True])
def test_an_expired_hold_says_so(house: House, swept: bool) -> None:
    phone = house.applicant("王㐂")
    made = held(phone)
    house.advance(timedelta(minutes=11))
    if swept:
        bookings.expire_holds(house.runtime)
    assert problem(phone.call("POST", f"/bookings/{made}/confirmation")) == (409, "hold_expired")
    assert held(phone, slots(phone)[1])


def test_confirming_and_cancelling_twice_is_once(house: House) -> None:
    phone = house.applicant("王㐂")
    made = held(phone)
    for act, status in (("confirmation", "confirmed"), ("cancellation", "cancelled")):
        for _ in range(2):
            answer = phone.call("POST", f"/bookings/{made}/{act}")
            assert (answer.status_code, (answer.json or {})["status"]) == (200, status)
    assert problem(phone.call("POST", f"/bookings/{made}/confirmation")) == (409, "not_allowed_now")


def test_a_partner_with_a_booking_is_in_the_way(house: House) -> None:
    mine, theirs = linked(house)
    held(theirs)
    refused = ask(mine, slots(mine)[1], partner=True)
    assert problem(refused) == (409, "already_booked")
    assert "爱人" in (refused.json or {})["title"]


def test_a_partner_who_is_not_linked_is_invited_first(house: House) -> None:
    phone = house.applicant("王㐂")
    assert problem(ask(phone, slots(phone)[0], partner=True)) == (409, "no_partner")
    assert problem(ask(phone, slots(phone)[0], partner=True, companion="李䶮")) == (422, "invalid_input")


def test_nobody_accepts_the_own_invitation_and_none_is_used_twice(house: House) -> None:
    phone, other = house.applicant("王㐂"), house.applicant("李䶮")
    code = invited(phone)
    assert problem(phone.call("POST", f"/partner-invitations/{code}/acceptance")) == (422, "own_invitation")
    assert other.call("POST", f"/partner-invitations/{code}/acceptance").status_code == 200
    third = house.applicant("客甲")
    assert problem(third.call("POST", f"/partner-invitations/{code}/acceptance")) == (404, "invitation_used")


def test_a_capacity_below_what_is_booked_takes_nobodys_seat(house: House) -> None:
    phone, other = house.applicant("王㐂"), house.resident()
    slot = slots(phone)[0]
    made = held(phone, slot)
    assert held(other, slot)
    at = house.runtime
    at.db.transact(_one_seat)
    at.db.transact(generation.make, calendar=at.calendar, station=HERE, now=at.clock())
    assert problem(ask(house.resident(), slot)) == (409, "slot_full")
    assert phone.call("POST", f"/bookings/{made}/confirmation").status_code == 200


def _one_seat(session: Session) -> None:
    session.get_one(StationRules, HERE).seats_per_slot = 1


def test_fifty_people_for_the_last_seat_over_http(house: House) -> None:
    people = crowd(house, 51, "13600")
    slot = slots(people[0])[0]
    held(people.pop(), slot)
    answers = list[Any]()

    def go(desk: Desk) -> None:
        answers.append(ask(desk, slot))

    threads = [threading.Thread(target=go, args=(desk,)) for desk in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 49}
    refused = [answer.json for answer in answers if answer.status_code == 409]
    assert {one["code"] for one in refused} == {"slot_full"}
    assert all(one["alternatives"] and slot not in str(one["alternatives"]) for one in refused)


def test_a_thousand_calls_of_one_account_are_slowed_and_others_are_not(house: House) -> None:
    limits = replace(house.runtime.settings.limits, calls_per_account_minute=120)
    app: Flask = create_app(replace(house.runtime.settings, limits=limits))
    busy, calm = crowd(house, 2, "13700")
    busy.app = calm.app = app
    busy.client, calm.client = app.test_client(use_cookies=False), app.test_client(use_cookies=False)
    wish = {"slot_id": "0000000000001", "plan": "first"}
    answers = [busy.call("POST", "/bookings", wish) for _ in range(1000)]
    late = [answer for answer in answers if answer.status_code == 429]
    assert len(late) >= 700
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in late)
    assert calm.call("GET", "/bookings").status_code == 200


def test_a_repeated_hold_is_answered_again(house: House) -> None:
    phone, same = house.resident(), {"Idempotency-Key": "tap-1"}
    first, second = slots(phone)
    made = [
        phone.call("POST", "/bookings", {"slot_id": first, "plan": "first"}, headers=same).json or {} for _ in range(2)
    ]
    assert made[0]["id"] == made[1]["id"]
    other = phone.call("POST", "/bookings", {"slot_id": second, "plan": "first"}, headers=same)
    assert problem(other) == (422, "idempotency_mismatch")
    assert problem(ask(phone, second)) == (409, "already_booked")


@pytest.mark.parametrize(
    "query",
    [
        "days",
        "days?from=2026-12-01",
        "days?from=2026-12-02&to=2026-12-01",
        "days?from=2026-01-01&to=2026-12-31",
        "days?from=2026-02-30&to=2026-03-01",
        "days?from=20261201&to=20261202",
        "days?from=2026-12-01&to=2026-12-02&town=37",
        "slots",
        "slots?date=tomorrow",
        "slots?date=2026-W49-2",
        "slots?date=２０２６-12-01",
    ],
)
def test_a_question_about_no_day_is_422(house: House, query: str) -> None:
    assert problem(house.visitor().call("GET", f"/stations/{HERE}/{query}")) == (422, "invalid_input")


@pytest.mark.parametrize("query", ["days?from=0001-01-01&to=0001-01-02", "days?from=9999-12-30&to=9999-12-31"])
def test_days_beyond_all_calendars_are_closed(house: House, query: str) -> None:
    answer = house.visitor().call("GET", f"/stations/{HERE}/{query}")
    assert [one["state"] for one in (answer.json or {})["items"]] == ["closed", "closed"]


@pytest.mark.parametrize("code", ["nowhere", "PROOF-HERE", "proof-here%00", "%F0%A0%AE%B7", "a" * 300])
def test_an_unknown_station_is_404(house: House, code: str) -> None:
    assert house.visitor().call("GET", f"/stations/{code}/slots?date={DAY}").status_code in (400, 404)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"plan": "fifth"},
        {"plan": ["first"]},
        {"plan": "first", "partner": "yes, both of us"},
        {"plan": "first", "companion": "x" * 51},
        {"plan": "first", "companion": "甲\u202e乙"},
        {"plan": "first", "companion": "<b>1</b>"},
        {"plan": "first", "companion": "13800000021"},
        {"plan": "first", "residence": {}},
        {"plan": "first", "residence": {"kind": "visiting", "region": "370402001013"}},
        {"plan": "first", "residence": {"kind": "living", "region": "3704"}},
        {"plan": "first", "residence": {"kind": "living", "region": "370402001013", "since": "last year"}},
        {"plan": "first", "price": 0},
    ],
)
def test_a_wish_that_is_none_is_422(house: House, body: dict[str, Any]) -> None:
    phone = house.resident()
    answer = phone.call("POST", "/bookings", {"slot_id": slots(phone)[0]} | body)
    assert problem(answer) == (422, "invalid_input")


def test_whoever_looked_at_an_older_version_looks_again(house: House) -> None:
    phone = house.applicant()
    first, other = slots(phone)[:2]
    path = f"/bookings/{held(phone, first)}"
    seen = phone.call("GET", path).headers["ETag"]
    assert phone.call("POST", f"{path}/confirmation", headers={"If-Match": seen}).status_code == 200
    for act, body in (("confirmation", {}), ("reschedule", {"slot_id": other}), ("cancellation", {})):
        stale = phone.call("POST", f"{path}/{act}", body, headers={"If-Match": seen})
        assert problem(stale) == (412, "stale")
    assert phone.call("POST", f"{path}/cancellation", headers={"If-Match": "*"}).status_code == 200
