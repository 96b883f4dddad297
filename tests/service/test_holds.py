"""Holding seats: both or none, one at a time, never one too many."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from backend.accounts import service as accounts
from backend.bookings import arrivals, completion, holds, policy
from backend.bookings.jurisdiction import Nurse
from backend.bookings.residence import Residence
from backend.db import Database
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, Invalid, Problem, TooMany
from tests import booking
from tests.clock import MovableClock
from tests.people import COUNTY, Cast, id_number


@pytest.fixture
def cast(database: Database, vault: Vault, clock: MovableClock) -> Cast:
    return booking.county(database, vault, clock)


def test_a_couple_takes_two_seats_at_once(cast: Cast) -> None:
    mine, theirs = booking.couple(cast)
    made = booking.load(cast, booking.hold(cast, mine, partner=True))
    assert (made.status, made.seats, made.partner_id) == ("held", 2, theirs)
    assert booking.slot(cast, made.slot_id).taken == 2


def test_a_couple_gets_no_half(cast: Cast) -> None:
    mine, _ = booking.couple(cast)
    first = booking.slots(cast)[0]
    for serial in (20, 21, 22):
        booking.hold(cast, booking.guest(cast, serial), first.id)
    with pytest.raises(Conflict) as refused:
        booking.hold(cast, mine, first.id, partner=True)
    assert refused.value.code == "slot_full"
    assert len(refused.value.extra["alternatives"]) == 5  # type: ignore[arg-type]
    assert booking.slot(cast, first.id).taken == 3


def test_a_second_booking_is_refused_for_either_of_the_couple(cast: Cast) -> None:
    mine, theirs = booking.couple(cast)
    booking.booked(cast, mine, partner=True)
    for who in (mine, theirs):
        with pytest.raises(Conflict) as refused:
            booking.hold(cast, who, plan="second")
        assert refused.value.code == "already_booked"


def test_a_couple_has_one_booking_even_when_each_books_alone(cast: Cast) -> None:
    mine, theirs = booking.couple(cast)
    booking.hold(cast, theirs)
    with pytest.raises(Conflict) as refused:
        booking.hold(cast, mine, plan="second")
    assert (refused.value.code, "爱人" in str(refused.value.title)) == ("already_booked", True)


def test_one_document_in_both_accounts_is_no_couple(cast: Cast) -> None:
    mine, theirs = booking.couple(cast)
    same = {"name": "王㐂", "id_type": "resident_id", "id_number": id_number(7), "now": cast.clock()}
    cast.run(accounts.put_identity, vault=cast.vault, resident_id=theirs, **same)
    with pytest.raises(Conflict) as refused:
        booking.hold(cast, mine, partner=True)
    assert refused.value.code == "same_person"


def test_fifty_people_for_the_last_seat_give_one(cast: Cast) -> None:
    last = booking.slots(cast)[0]
    for serial in (20, 21, 22):
        booking.hold(cast, booking.guest(cast, serial), last.id)
    people = [booking.guest(cast, serial) for serial in range(100, 150)]
    got, refused = [], []

    def go(who: int) -> None:
        try:
            got.append(booking.hold(cast, who, last.id))
        except Problem as problem:
            refused.append(problem.code)

    threads = [threading.Thread(target=go, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), set(refused), len(refused)) == (1, {"slot_full"}, 49)
    assert booking.slot(cast, last.id).taken == 4


def test_double_taps_hold_once(cast: Cast) -> None:
    mine, theirs = booking.couple(cast)
    first = booking.slots(cast)[0].id
    got, refused = [], []

    def go(who: int) -> None:
        try:
            got.append(booking.hold(cast, who, first, partner=True))
        except Problem as problem:
            refused.append(problem.code)

    threads = [threading.Thread(target=go, args=(who,)) for who in (mine, theirs, mine, theirs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), set(refused)) == (1, {"already_booked"})
    assert booking.slot(cast, first).taken == 2


def test_an_expired_hold_returns_and_does_not_block(cast: Cast) -> None:
    mine, _ = booking.couple(cast)
    first = booking.load(cast, booking.hold(cast, mine, partner=True))
    cast.clock.advance(timedelta(minutes=11))
    again = booking.load(cast, booking.hold(cast, mine, booking.slots(cast)[1].id, partner=True))
    assert again.status == "held"
    assert booking.load(cast, first.id).status == "cancelled"
    with pytest.raises(Conflict) as late:
        booking.confirm(cast, mine, first.id)
    assert late.value.code == "hold_expired"


def test_holding_in_turn_without_confirming_ends(cast: Cast) -> None:
    who = cast.resident("王㐂", 7)
    for _ in range(policy.GIVEN_UP):
        booking.hold(cast, who)
        cast.clock.advance(timedelta(minutes=11))
        cast.run(holds.expire_due, now=cast.clock(), limit=10)
        booking.release(cast)
    with pytest.raises(TooMany):
        booking.hold(cast, who)


def test_the_daily_cap_counts_over_all_slots(cast: Cast) -> None:
    booking.open_stations(cast, daily_cap=3)
    day = booking.slots(cast)
    for serial, view in zip((20, 21, 22), day, strict=False):
        booking.hold(cast, booking.guest(cast, serial), view.id)
    assert {view.left for view in booking.slots(cast)} == {0}
    with pytest.raises(Conflict):
        booking.hold(cast, booking.guest(cast, 23), day[4].id)


def test_a_towns_share_ends_before_the_day_does(cast: Cast) -> None:
    town, other = "370402001000", "370402002000"
    booking.open_stations(cast, town_quotas={town: 1})
    first = booking.slots(cast)[0].id
    booking.hold(cast, booking.guest(cast, 20), first, residence=Residence("registered", "370402001013"))
    with pytest.raises(Conflict):
        booking.hold(cast, booking.guest(cast, 21), first, residence=Residence("registered", town))
    booking.hold(cast, booking.guest(cast, 22), first, residence=Residence("registered", other))
    with pytest.raises(Invalid) as asked:
        booking.hold(cast, booking.guest(cast, 23), first)
    assert asked.value.code == "residence_required"


def test_either_cancels_for_both_and_the_seats_rest(cast: Cast) -> None:
    mine, theirs = booking.couple(cast)
    made = booking.booked(cast, mine, partner=True)
    booking.cancel(cast, theirs, made)
    row = booking.slot(cast, booking.load(cast, made).slot_id)
    assert (row.taken, row.resting) == (2, 2)
    assert booking.hold(cast, mine, booking.slots(cast)[1].id, partner=True)


def test_a_new_time_is_the_same_booking(cast: Cast) -> None:
    mine, _ = booking.couple(cast)
    made = booking.booked(cast, mine, partner=True)
    before = booking.load(cast, made)
    booking.reschedule(cast, mine, made, booking.slots(cast)[2].id)
    after = booking.load(cast, made)
    assert (after.id, after.sequence, after.status) == (before.id, before.sequence + 1, "confirmed")
    assert after.token != before.token
    assert booking.slot(cast, after.slot_id).taken == 2


def test_a_visit_that_is_over_still_counts_against_its_towns_share(cast: Cast) -> None:
    declared, nurse = Residence("registered", "370402001000"), Nurse(1, "county", COUNTY)
    booking.open_stations(cast, town_quotas={declared.region: 1})
    made = booking.booked(cast, booking.guest(cast, 20), residence=declared)
    *_, last = booking.slots(cast)
    cast.clock.set(booking.load(cast, made).starts_at)
    cast.run(arrivals.check_in_listed, nurse=nurse, booking_id=made, now=cast.clock())
    cast.run(completion.complete, vault=cast.vault, nurse=nurse, booking_id=made, now=cast.clock())
    booking.make_slots(cast)
    with pytest.raises(Conflict):
        booking.hold(cast, booking.guest(cast, 21), last.id, residence=declared)


def test_a_used_plan_is_told_even_behind_a_hold_that_ran_out(cast: Cast) -> None:
    who, nurse = cast.resident("王㐂", 7), Nurse(1, "county", COUNTY)
    made = booking.booked(cast, who)
    cast.clock.set(booking.load(cast, made).starts_at)
    cast.run(arrivals.check_in_listed, nurse=nurse, booking_id=made, now=cast.clock())
    cast.run(completion.complete, vault=cast.vault, nurse=nurse, booking_id=made, now=cast.clock())
    booking.hold(cast, who, booking.slots(cast)[0].id, plan="second")
    cast.clock.advance(timedelta(minutes=11))
    with pytest.raises(Conflict) as refused:
        booking.hold(cast, who, booking.slots(cast)[1].id)
    assert refused.value.code == "plan_used"
