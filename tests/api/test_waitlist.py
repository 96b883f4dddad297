"""The wait-list from outside: the first gets the offer, the others see where they stand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from backend.bookings import generation
from backend.models.booking import Booking, BookingSeat, SeatOffer, WaitlistEntry
from backend.models.station import Slot, SlotReturn, StationRules
from tests.api.house import House, Phone
from workers import waitlist

STATION, DAY = "demo-b", "2026-11-24"
WISH = {"station": STATION, "from": DAY, "to": DAY}


@pytest.fixture
def house(house: House) -> House:
    """The second demo station with one seat on one day."""
    at = house.runtime
    at.db.transact(_one_seat, at.calendar, at.clock())
    return house


def _one_seat(session: Any, calendar: Any, now: Any) -> None:
    for table in (Booking, BookingSeat, SeatOffer, WaitlistEntry, SlotReturn):
        session.execute(delete(table))
    session.execute(delete(Slot).where(Slot.station == STATION))
    rules = session.get(StationRules, STATION)
    rules.hours, rules.seats_per_slot, rules.horizon_days = [[2, "08:00", "08:30"]], 1, 1
    session.flush()
    generation.make(session, calendar, station=STATION, now=now)


def taken(house: House) -> tuple[Phone, str]:
    """Somebody has the seat; the phone and the booking."""
    phone = house.applicant("客一")
    [slot] = (phone.call("GET", f"/stations/{STATION}/slots?date={DAY}").json or {})["items"]
    made = phone.call("POST", "/bookings", {"slot_id": slot["id"], "plan": "first"}).json or {}
    assert phone.call("POST", f"/bookings/{made['id']}/confirmation").status_code == 200
    return phone, made["id"]


def offered(house: House) -> tuple[Phone, dict[str, Any], Phone]:
    """A seat came back while two waited; the first with the offer, and the second."""
    owner, booking = taken(house)
    first, second = house.applicant("客二"), house.applicant("客三")
    for phone in (first, second):
        assert phone.call("POST", "/waitlist", WISH).status_code == 201
        house.advance(timedelta(seconds=1))
    assert owner.call("POST", f"/bookings/{booking}/cancellation").status_code == 200
    waitlist.offer_seats(house.runtime)
    return first, mine(first)["offer"], second


def mine(phone: Phone) -> dict[str, Any]:
    return dict((phone.call("GET", "/waitlist").json or {})["items"][0])


def test_waiting_shows_the_place_in_the_line(house: House) -> None:
    taken(house)
    first, second = house.applicant("客二"), house.applicant("客三")
    made = first.call("POST", "/waitlist", WISH)
    assert made.status_code == 201
    house.advance(timedelta(seconds=1))
    behind = second.call("POST", "/waitlist", WISH).json or {}
    assert ((made.json or {})["position"], behind["position"]) == (1, 2)
    assert (behind["status"], behind["allowed_actions"], behind["offer"]) == ("waiting", ["leave"], None)
    assert (behind["from"], behind["to"], behind["seats"], behind["plan"]) == (DAY, DAY, 1, "first")


def test_the_first_takes_the_offer_and_nobody_else_can(house: House) -> None:
    first, offer, second = offered(house)
    assert (mine(second)["offer"], mine(first)["status"]) == (None, "offered")
    path = f"/waitlist-offers/{offer['id']}"
    assert second.call("POST", f"{path}/acceptance").status_code == 404
    assert second.call("GET", path).status_code == 404
    answer = first.call("POST", f"{path}/acceptance")
    assert (answer.status_code, (answer.json or {})["status"]) == (200, "confirmed")
    assert (answer.json or {})["slot_id"] == offer["slot_id"]
    assert first.call("POST", f"{path}/acceptance").json == answer.json
    assert mine(first)["status"] == "taken"


def test_an_offer_that_ran_out_is_refused_in_words(house: House) -> None:
    first, offer, second = offered(house)
    house.advance(timedelta(hours=2))
    late = first.call("POST", f"/waitlist-offers/{offer['id']}/acceptance")
    assert (late.status_code, (late.json or {})["code"]) == (409, "offer_expired")
    assert "下一位" in (late.json or {})["title"]
    waitlist.offer_seats(house.runtime)
    assert mine(second)["offer"]["slot_id"] == offer["slot_id"]


def test_what_was_taken_is_not_declined_afterwards(house: House) -> None:
    first, offer, _second = offered(house)
    path = f"/waitlist-offers/{offer['id']}"
    assert first.call("POST", f"{path}/acceptance").status_code == 200
    late = first.call("POST", f"{path}/decline")
    assert (late.status_code, (late.json or {})["code"]) == (409, "offer_accepted")


def test_the_list_has_pages_like_every_list(house: House) -> None:
    phone = house.applicant("客四")
    for _ in range(3):
        made = phone.call("POST", "/waitlist", WISH).json or {}
        phone.call("POST", f"/waitlist/{made['id']}/leaving")
        house.advance(timedelta(seconds=1))
    page = phone.call("GET", "/waitlist?limit=2").json or {}
    rest = phone.call("GET", f"/waitlist?limit=2&cursor={page['next_cursor']}").json or {}
    assert (len(page["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)
    for bad in ("limit=0", "cursor=x"):
        assert phone.call("GET", f"/waitlist?{bad}").status_code == 422


def test_declining_and_leaving_hand_the_seat_on(house: House) -> None:
    first, offer, second = offered(house)
    declined = first.call("POST", f"/waitlist-offers/{offer['id']}/decline").json or {}
    assert (declined["status"], declined["allowed_actions"]) == ("declined", [])
    waitlist.offer_seats(house.runtime)
    entry = mine(second)
    assert entry["allowed_actions"] == ["accept", "decline", "leave"]
    assert first.call("DELETE", f"/waitlist/{entry['id']}").status_code == 404
    assert (second.call("DELETE", f"/waitlist/{entry['id']}").json or {})["status"] == "left"
    assert (second.call("POST", f"/waitlist/{entry['id']}/leaving").json or {})["allowed_actions"] == []
    waitlist.release_seats(house.runtime)
    [slot] = (first.call("GET", f"/stations/{STATION}/slots?date={DAY}").json or {})["items"]
    assert slot["available"] == 1


def test_consent_is_asked_for_and_the_offer_stands(house: House) -> None:
    first, offer, _second = offered(house)
    assert first.call("DELETE", "/me/consents/health").status_code in (200, 204)
    path = f"/waitlist-offers/{offer['id']}/acceptance"
    asked = first.call("POST", path)
    assert (asked.status_code, (asked.json or {})["code"]) == (422, "consent_required")
    assert first.call("PUT", "/me/consents/health", {}).status_code == 200
    assert first.call("POST", path).status_code == 200


@pytest.mark.parametrize(
    ("wish", "status", "code"),
    [
        ({"station": "nowhere"}, 404, "not_found"),
        ({"from": "2026-11-22"}, 422, "bad_range"),
        ({"to": "2027-11-24"}, 422, "bad_range"),
        ({"from": "2027-11-24", "to": "2027-11-25"}, 422, "bad_range"),
        ({"from": "morgen"}, 422, "invalid_input"),
        ({"plan": "tenth"}, 422, "invalid_input"),
        ({"partner": True}, 409, "no_partner"),
        ({"surprise": 1}, 422, "invalid_input"),
        ({"companion": "13800000021"}, 422, "invalid_input"),
    ],
)
def test_what_cannot_be_waited_for_is_refused(house: House, wish: dict[str, Any], status: int, code: str) -> None:
    answer = house.applicant().call("POST", "/waitlist", {**WISH, **wish})
    assert (answer.status_code, (answer.json or {})["code"]) == (status, code)


def test_nobody_waits_twice_or_beside_a_booking(house: House) -> None:
    owner, _booking = taken(house)
    waiter = house.applicant("客二")
    waiter.call("POST", "/waitlist", WISH)
    assert (owner.call("POST", "/waitlist", WISH).json or {})["code"] == "already_booked"
    assert (waiter.call("POST", "/waitlist", WISH).json or {})["code"] == "already_waiting"


def test_the_public_log_names_nobody(house: House) -> None:
    _first, offer, _second = offered(house)
    house.advance(timedelta(minutes=21))
    waitlist.release_seats(house.runtime)
    stranger = house.visitor()
    [line] = (stranger.call("GET", f"/stations/{STATION}/releases").json or {})["items"]
    assert set(line) == {"at", "starts_at", "seats", "to_waitlist", "to_everybody"}
    assert (line["seats"], line["to_waitlist"], line["to_everybody"]) == (1, 1, 0)
    assert line["starts_at"] == offer["starts_at"]
    assert stranger.call("GET", "/stations/nowhere/releases").status_code == 404
