"""The wait-list: whose turn it is, for how long, and why nothing came."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from backend.accounts import partners
from backend.bookings import returns, waitlist
from backend.bookings.residence import Residence
from backend.db import Database
from backend.kernel.clock import SHANGHAI
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, Invalid, NotFound, Problem
from backend.models.booking import Booking, BookingSeat
from tests import booking
from tests.clock import MovableClock
from tests.people import Cast, assemble
from tests.waiting import Line


@pytest.fixture
def cast(database: Database, vault: Vault, clock: MovableClock) -> Cast:
    made = assemble(database, vault, clock, item="checkup")
    booking.open_stations(made, hours=[[2, "08:00", "09:00"]], daily_cap=4, seats_per_slot=2, horizon_days=1)
    return made


@pytest.fixture
def line(cast: Cast) -> Line:
    return Line(cast)


@pytest.fixture
def full(cast: Cast, line: Line) -> list[int]:
    """Tomorrow's two slots of two seats, booked by four guests; the bookings."""
    first, second = booking.slots(cast)
    return line.fill(first.id, (20, 21)) + line.fill(second.id, (22, 23))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November in China."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def next_tuesday(cast: Cast, line: Line) -> int:
    """The first slot of 1 December, which has two seats."""
    booking.open_stations(cast, horizon_days=15)
    return booking.slots(cast, day=date(2026, 12, 1))[0].id


def completed(cast: Cast, made: int) -> None:
    """The checkup was done: the person is free, the plan is used."""

    def write(session: Any) -> None:
        session.get_one(Booking, made).status = "completed"
        for seat in session.query(BookingSeat).filter_by(booking_id=made):
            seat.active_key = None

    cast.run(write)


def test_a_freed_seat_goes_to_the_first_and_to_nobody_else(cast: Cast, line: Line, full: list[int]) -> None:
    one, other = booking.guest(cast, 30), booking.guest(cast, 31)
    line.join(one)
    line.join(other)
    assert [line.card(who).position for who in (one, other)] == [1, 2]
    line.give_back(full[0])
    line.sweep()
    card = line.card(one)
    assert (card.status, card.offer and card.offer.seats) == ("offered", 1)
    assert (line.card(other).status, line.open_offers(other)) == ("waiting", [])
    assert booking.slots(cast)[0].left == 0
    line.check_books()


def test_taking_the_offer_is_a_confirmed_booking(cast: Cast, line: Line, full: list[int]) -> None:
    who = booking.guest(cast, 30)
    line.join(who)
    line.give_back(full[0])
    line.sweep()
    [offer] = line.open_offers(who)
    made = line.accept(who, offer.id)
    row = booking.load(cast, made)
    assert (row.status, row.slot_id, bool(row.token)) == ("confirmed", offer.slot_id, True)
    assert line.accept(who, offer.id) == made
    assert line.card(who).status == "taken"
    line.check_books()


def test_an_unanswered_offer_goes_to_the_next(cast: Cast, line: Line, full: list[int]) -> None:
    one, other = booking.guest(cast, 30), booking.guest(cast, 31)
    line.join(one)
    line.join(other)
    line.give_back(full[0])
    line.sweep()
    [offer] = line.open_offers(one)
    assert offer.expires_at == cast.clock() + timedelta(hours=2)
    line.after(hours=2)
    assert line.open_offers(one) == []
    assert [found.slot_id for found in line.open_offers(other)] == [offer.slot_id]
    assert [line.card(who).position for who in (one, other)] == [2, 1]
    with pytest.raises(Conflict) as late:
        line.accept(one, offer.id)
    assert late.value.code == "offer_expired"
    line.check_books()


def test_a_declined_seat_is_not_offered_to_the_same_person_again(cast: Cast, line: Line, full: list[int]) -> None:
    one, other = booking.guest(cast, 30), booking.guest(cast, 31)
    line.join(one)
    line.join(other)
    line.give_back(full[0])
    line.sweep()
    line.decline(one, line.open_offers(one)[0].id)
    line.sweep()
    line.decline(other, line.open_offers(other)[0].id)
    line.sweep()
    assert line.open_offers(one) == []
    assert line.open_offers(other) == []
    assert booking.slots(cast)[0].left == 1
    line.give_back(full[2])
    line.sweep()
    assert line.open_offers(one)[0].slot_id == booking.load(cast, full[2]).slot_id
    line.check_books()


def test_a_couple_gets_both_seats_or_lets_them_pass(cast: Cast, line: Line, full: list[int]) -> None:
    mine, theirs = booking.couple(cast)
    single = booking.guest(cast, 30)
    line.join(mine, partner=True)
    line.join(single)
    line.give_back(full[0])
    line.sweep()
    assert line.open_offers(mine) == []
    assert len(line.open_offers(single)) == 1
    line.give_back(full[2])
    line.give_back(full[3])
    line.sweep()
    [offer] = line.open_offers(theirs)
    assert (offer.seats, offer.slot_id) == (2, booking.load(cast, full[2]).slot_id)
    made = booking.load(cast, line.accept(theirs, offer.id))
    assert (made.resident_id, made.partner_id, made.seats) == (mine, theirs, 2)
    line.check_books()


def test_near_the_night_and_the_visit_an_offer_is_short(cast: Cast, line: Line, full: list[int]) -> None:
    who = booking.guest(cast, 30)
    line.join(who)
    cast.clock.set(at(23, 19, 30))
    line.give_back(full[2])
    line.sweep()
    assert line.open_offers(who)[0].expires_at == at(23, 20, 15)


def test_by_night_a_seat_rests_for_who_waits_until_the_morning(cast: Cast, line: Line) -> None:
    first = next_tuesday(cast, line)
    made, who = line.fill(first, (20, 21)), booking.guest(cast, 30)
    line.join(who, first=6, last=8)
    cast.clock.set(at(25, 22))
    line.give_back(made[0])
    for _ in range(3):
        line.after(minutes=20)
    assert (line.open_offers(who), booking.slot(cast, first).resting) == ([], 1)
    cast.clock.set(at(26, 8))
    line.sweep()
    assert line.open_offers(who)[0].expires_at == at(26, 10)
    line.check_books()


def test_by_night_a_seat_nobody_waits_for_goes_to_everybody(cast: Cast, line: Line) -> None:
    first = next_tuesday(cast, line)
    made = line.fill(first, (20, 21))
    cast.clock.set(at(25, 22))
    line.give_back(made[0])
    line.sweep()
    assert booking.slot(cast, first).resting == 1
    line.after(minutes=21)
    assert (booking.slot(cast, first).taken, booking.slot(cast, first).resting) == (1, 0)


def test_an_offer_that_spans_the_night_goes_on_in_the_morning(cast: Cast, line: Line) -> None:
    first = next_tuesday(cast, line)
    made, who = line.fill(first, (20, 21)), booking.guest(cast, 30)
    line.join(who, first=6, last=8)
    cast.clock.set(at(25, 20))
    line.give_back(made[0])
    line.sweep()
    assert line.open_offers(who)[0].expires_at == at(26, 9)


def test_leaving_hands_the_offer_on(cast: Cast, line: Line, full: list[int]) -> None:
    mine, theirs = booking.couple(cast)
    other = booking.guest(cast, 30)
    entry = line.join(mine, companion="某人")
    line.join(other)
    booking.cancel(cast, booking.load(cast, full[0]).resident_id or 0, full[0])
    line.give_back(full[1])
    line.sweep()
    assert line.open_offers(mine)[0].seats == 2
    with pytest.raises(NotFound):
        line.leave(theirs, entry)
    line.leave(mine, entry)
    line.leave(mine, entry)
    line.sweep()
    assert (line.card(mine).status, len(line.open_offers(other))) == ("left", 1)
    line.check_books()


def test_booking_elsewhere_ends_the_waiting(cast: Cast, line: Line, full: list[int]) -> None:
    mine, theirs = booking.couple(cast)
    line.join(mine, partner=True)
    for made in full[:2]:
        line.give_back(made)
    line.sweep()
    assert line.open_offers(theirs)
    booking.open_stations(cast, horizon_days=8)
    later = booking.slots(cast, day=date(2026, 12, 1))[0]
    booking.booked(cast, theirs, later.id, partner=True)
    assert (line.card(mine).status, line.open_offers(mine)) == ("booked", [])
    line.check_books()


@pytest.mark.parametrize(("wish", "code"), [({"partner": True}, "already_waiting"), ({}, "already_waiting")])
def test_a_couple_waits_once(cast: Cast, line: Line, wish: dict[str, bool], code: str) -> None:
    mine, theirs = booking.couple(cast)
    line.join(mine)
    for who in (mine, theirs):
        with pytest.raises(Conflict) as refused:
            line.join(who, **wish)
        assert refused.value.code == code


def test_who_has_a_booking_does_not_wait(cast: Cast, line: Line, full: list[int]) -> None:
    who = booking.load(cast, full[0]).resident_id or 0
    with pytest.raises(Conflict) as refused:
        line.join(who)
    assert refused.value.code == "already_booked"


def test_a_spouse_with_a_booking_keeps_both_from_waiting(cast: Cast, line: Line) -> None:
    mine, theirs = booking.couple(cast)
    booking.hold(cast, theirs)
    with pytest.raises(Conflict) as refused:
        line.join(mine, partner=True)
    assert refused.value.code == "already_booked"


@pytest.mark.parametrize(
    ("first", "last", "field"), [(-1, 2, "from"), (2, 1, "to"), (1, 61, "to"), (32, 33, "from"), (-3, -2, "from")]
)
def test_days_outside_the_range_are_refused(cast: Cast, line: Line, first: int, last: int, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        line.join(booking.guest(cast, 30), first=first, last=last)
    assert field in refused.value.errors


def test_who_may_not_book_may_not_wait(cast: Cast, line: Line) -> None:
    who = booking.guest(cast, 30)
    refusals: list[tuple[dict[str, Any], type[Problem], str]] = [
        ({"station": "nowhere"}, NotFound, "not_found"),
        ({"partner": True}, Conflict, "no_partner"),
        ({"partner": True, "companion": "某人"}, Invalid, "invalid_input"),
        ({"residence": Residence("registered", "110101001000")}, Invalid, "not_resident"),
    ]
    for wish, kind, code in refusals:
        with pytest.raises(kind) as refused:
            line.join(who, **wish)
        assert refused.value.code == code


def test_the_first_plan_not_used_is_taken(cast: Cast, line: Line) -> None:
    mine, theirs = booking.couple(cast)
    completed(cast, booking.booked(cast, theirs))
    line.join(mine, partner=True)
    assert line.card(mine).plan == "second"
    line.leave(mine, line.card(mine).id)
    with pytest.raises(Conflict) as refused:
        line.join(mine, partner=True, plan="first")
    assert refused.value.code == "plan_used"


def test_reasons_say_why_nothing_came(cast: Cast, line: Line, full: list[int]) -> None:
    mine, _ = booking.couple(cast)
    alone, patient = booking.guest(cast, 30), booking.guest(cast, 31)
    line.join(mine, partner=True)
    line.join(alone)
    line.give_back(full[0])
    line.sweep()
    line.decline(alone, line.open_offers(alone)[0].id)
    line.join(patient)
    line.give_back(full[2])
    line.sweep()
    line.after(days=2)
    reasons = {who: (line.card(who).status, line.card(who).reason) for who in (mine, alone, patient)}
    assert reasons == {mine: ("over", "single"), alone: ("over", "silent"), patient: ("over", "silent")}


def test_nobody_gave_a_seat_back(cast: Cast, line: Line, full: list[int]) -> None:
    who = booking.guest(cast, 30)
    line.join(who)
    cast.clock.set(at(24, 23))
    line.sweep()
    assert line.card(who).status == "waiting"
    cast.clock.set(at(25, 8))
    line.sweep()
    assert (line.card(who).status, line.card(who).reason, line.card(who).position) == ("over", "none", None)


def test_three_offers_nobody_answers_end_the_waiting(cast: Cast, line: Line) -> None:
    booking.open_stations(cast, hours=[[2, "08:00", "10:00"]], seats_per_slot=1, horizon_days=15)
    who = booking.guest(cast, 30)
    line.join(who, first=8, last=8)
    line.sweep()
    for count in (1, 2, 3):
        assert line.card(who).offers == count
        line.after(hours=2)
    assert (line.card(who).status, line.card(who).reason) == ("over", "silent")
    assert [view.left for view in booking.slots(cast, day=date(2026, 12, 1))] == [1, 1, 1, 1]
    line.join(who, first=8, last=8)
    line.check_books()


def test_a_towns_share_is_kept_by_the_line(cast: Cast, line: Line, full: list[int]) -> None:
    town, other = "370402001000", "370402002000"
    booking.open_stations(cast, town_quotas={town: 1}, hours=[[2, "08:00", "09:00"]], horizon_days=8)
    full_town, waits = booking.guest(cast, 30), booking.guest(cast, 31)
    day = booking.slots(cast, day=date(2026, 12, 1))
    booking.hold(cast, booking.guest(cast, 40), day[0].id, residence=Residence("registered", town))
    line.join(full_town, first=8, last=8, residence=Residence("registered", town))
    line.join(waits, first=8, last=8, residence=Residence("registered", other))
    line.sweep()
    assert (len(line.open_offers(full_town)), len(line.open_offers(waits))) == (0, 1)


def test_a_couple_that_parted_waits_no_more(cast: Cast, line: Line, full: list[int]) -> None:
    mine, theirs = booking.couple(cast)
    line.join(mine, partner=True)
    for made in full[:2]:
        line.give_back(made)
    line.sweep()
    [offer] = line.open_offers(theirs)
    cast.run(partners.unlink, resident_id=mine, now=cast.clock())
    with pytest.raises(Conflict) as refused:
        line.accept(theirs, offer.id)
    assert refused.value.code == "no_partner"
    line.sweep()
    assert (line.card(mine).status, line.open_offers(mine)) == ("left", [])
    assert line.join(mine)
    assert line.join(theirs)
    line.check_books()


def test_a_stranger_sees_and_takes_nothing(cast: Cast, line: Line, full: list[int]) -> None:
    who, stranger = booking.guest(cast, 30), booking.guest(cast, 99)
    line.join(who)
    line.give_back(full[0])
    line.sweep()
    [offer] = line.open_offers(who)
    for answer in (line.accept, line.decline):
        with pytest.raises(NotFound):
            answer(stranger, offer.id)
    assert line.open_offers(stranger) == []


def test_a_withdrawn_slot_ends_its_offers(cast: Cast, line: Line, full: list[int]) -> None:
    who = booking.guest(cast, 30)
    line.join(who)
    line.give_back(full[0])
    line.sweep()
    [offer] = line.open_offers(who)
    booking.open_stations(cast, hours=[[3, "08:00", "09:00"]])
    with pytest.raises(Conflict):
        line.accept(who, offer.id)
    line.sweep()
    assert line.open_offers(who) == []
    assert line.card(who).status == "waiting"
    line.check_books()


def test_the_log_says_where_seats_went(cast: Cast, line: Line, full: list[int]) -> None:
    line.join(booking.guest(cast, 30))
    line.give_back(full[0])
    line.give_back(full[2])
    line.sweep()
    line.after(minutes=21)
    with cast.db.reading() as session:
        found = returns.log(session, station=booking.A)
    assert sorted((one.seats, one.to_waitlist, one.to_everybody) for one in found) == [(1, 0, 1), (1, 1, 0)]


def test_what_ended_is_erased_after_thirty_days(cast: Cast, line: Line, full: list[int]) -> None:
    who = booking.guest(cast, 30)
    line.leave(who, line.join(who))
    cast.clock.advance(timedelta(days=31))
    assert cast.run(waitlist.purge, now=cast.clock(), limit=10) == 1
    assert cast.run(waitlist.purge, now=cast.clock(), limit=10) == 0
