"""Bookings whose slot the station withdrew: another time is kept, nobody is dropped in silence."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from backend.bookings import offer_messages, offers
from backend.db import Database
from backend.kernel.clock import SHANGHAI
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict
from backend.models.outbox import Outbox
from backend.models.station import Slot
from tests import booking
from tests.clock import MovableClock
from tests.people import Cast, assemble
from tests.waiting import Line

WEDNESDAY, TUESDAY = [[3, "08:00", "09:00"]], [[2, "08:00", "09:00"]]


@pytest.fixture
def cast(database: Database, vault: Vault, clock: MovableClock) -> Cast:
    made = assemble(database, vault, clock, item="checkup")
    booking.open_stations(made, hours=TUESDAY, seats_per_slot=2, horizon_days=3)
    return made


@pytest.fixture
def line(cast: Cast) -> Line:
    return Line(cast)


def close_other(cast: Cast) -> None:
    """The second station has no rules: nobody can be moved there."""
    cast.run(_without_slots)


def _without_slots(session: Any) -> None:
    session.execute(delete(Slot).where(Slot.station == booking.B))


def told(cast: Cast, topic: str) -> int:
    with cast.db.reading() as session:
        return len(session.scalars(select(Outbox.id).where(Outbox.topic == topic)).all())


def test_a_withdrawn_booking_is_offered_the_nearest_time(cast: Cast, line: Line) -> None:
    mine, theirs = booking.couple(cast)
    made = booking.booked(cast, mine, partner=True)
    booking.open_stations(cast, hours=WEDNESDAY)
    line.sweep()
    [offer] = line.open_offers(theirs)
    assert (offer.kind, offer.seats, offer.station.code) == ("move", 2, booking.A)
    assert offer.starts_at == datetime(2026, 11, 25, 8, tzinfo=SHANGHAI)
    assert booking.load(cast, made).status == "confirmed"
    line.check_books()


def test_taking_it_moves_the_booking(cast: Cast, line: Line) -> None:
    mine, theirs = booking.couple(cast)
    made = booking.booked(cast, mine, partner=True)
    before = booking.load(cast, made)
    booking.open_stations(cast, hours=WEDNESDAY)
    line.sweep()
    [offer] = line.open_offers(mine)
    assert line.accept(theirs, offer.id) == made
    assert line.accept(mine, offer.id) == made
    after = booking.load(cast, made)
    assert (after.slot_id, after.sequence, after.status) == (offer.slot_id, 1, "confirmed")
    assert after.token != before.token
    line.after(minutes=21)
    assert booking.slot(cast, before.slot_id).taken == 0
    line.check_books()


def test_what_is_declined_is_followed_by_another_and_then_by_free_choice(cast: Cast, line: Line) -> None:
    who = booking.guest(cast, 20)
    booking.booked(cast, who)
    booking.open_stations(cast, hours=WEDNESDAY)
    seen = []
    for _ in range(3):
        line.sweep()
        [offer] = line.open_offers(who)
        seen.append(offer.slot_id)
        line.decline(who, offer.id)
    line.sweep()
    assert (len(set(seen)), line.open_offers(who), told(cast, "booking_move_choose")) == (3, [], 1)
    line.after(minutes=1)
    assert told(cast, "booking_move_choose") == 1
    line.check_books()


def test_an_offer_stands_for_a_day_but_not_beyond_the_visit(cast: Cast, line: Line) -> None:
    booking.open_stations(cast, hours=[[5, "08:00", "09:00"]], horizon_days=10)
    far, near = booking.guest(cast, 20), booking.guest(cast, 21)
    friday = booking.slots(cast, day=cast.clock().date() + timedelta(days=4))
    booking.booked(cast, far, friday[0].id)
    booking.open_stations(cast, hours=TUESDAY, horizon_days=10)
    booking.booked(cast, near)
    booking.open_stations(cast, hours=WEDNESDAY, horizon_days=10)
    line.sweep()
    [later], [sooner] = line.open_offers(far), line.open_offers(near)
    assert later.expires_at == cast.clock() + timedelta(days=1)
    assert sooner.expires_at == datetime(2026, 11, 24, 8, tzinfo=SHANGHAI)


def test_no_time_left_anywhere_is_said_once_and_made_up_for_later(cast: Cast, line: Line) -> None:
    who = booking.guest(cast, 20)
    made = booking.booked(cast, who)
    close_other(cast)
    booking.open_stations(cast, hours=[])
    close_other(cast)
    line.sweep()
    line.after(minutes=1)
    assert (line.open_offers(who), told(cast, "booking_move_choose")) == ([], 1)
    booking.make_slots(cast, booking.B)
    line.sweep()
    assert line.open_offers(who)[0].station.code == booking.B
    line.accept(who, line.open_offers(who)[0].id)
    assert booking.load(cast, made).station == booking.B
    line.check_books()


def test_at_its_hour_an_unmoved_booking_ends_and_the_couple_is_told(cast: Cast, line: Line) -> None:
    who = booking.guest(cast, 20)
    made = booking.booked(cast, who)
    booking.open_stations(cast, hours=WEDNESDAY)
    line.sweep()
    cast.clock.set(datetime(2026, 11, 24, 8, tzinfo=SHANGHAI))
    line.sweep()
    row = booking.load(cast, made)
    assert (row.status, row.ended_as, line.open_offers(who)) == ("cancelled", "station", [])
    assert told(cast, "booking_closed") == 1
    assert booking.booked(cast, who, booking.slots(cast)[0].id)
    line.sweep()
    line.check_books()


def test_a_slot_that_is_back_needs_no_move(cast: Cast, line: Line) -> None:
    who = booking.guest(cast, 20)
    made = booking.booked(cast, who)
    booking.open_stations(cast, hours=WEDNESDAY)
    line.sweep()
    [offer] = line.open_offers(who)
    booking.open_stations(cast, hours=TUESDAY)
    line.sweep()
    assert line.open_offers(who) == []
    with pytest.raises(Conflict):
        line.accept(who, offer.id)
    assert booking.load(cast, made).sequence == 0
    line.check_books()


def test_by_night_only_who_would_travel_in_vain_is_told(cast: Cast, line: Line) -> None:
    booking.open_stations(cast, hours=[[2, "08:00", "09:00"], [4, "08:00", "09:00"]], horizon_days=5)
    early, later = booking.guest(cast, 20), booking.guest(cast, 21)
    booking.booked(cast, early)
    thursday = booking.slots(cast, day=cast.clock().date() + timedelta(days=3))
    booking.booked(cast, later, thursday[0].id)
    cast.clock.set(datetime(2026, 11, 23, 22, tzinfo=SHANGHAI))
    booking.open_stations(cast, hours=[[5, "08:00", "09:00"]], horizon_days=5)
    line.sweep()
    assert (len(line.open_offers(early)), len(line.open_offers(later))) == (1, 0)
    cast.clock.set(datetime(2026, 11, 24, 8, tzinfo=SHANGHAI))
    line.sweep()
    assert len(line.open_offers(later)) == 1


def test_messages_go_to_both_and_say_until_when(cast: Cast, line: Line) -> None:
    mine, theirs = booking.couple(cast)
    booking.booked(cast, mine, partner=True)
    booking.open_stations(cast, hours=WEDNESDAY)
    line.sweep()
    [offer] = line.open_offers(mine)
    with cast.db.reading() as session:
        found = offer_messages.facts(
            session, topic=offers.MOVE_OFFER, subject_id=offer.id, phone="12345", now=cast.clock()
        )
    assert found is not None
    assert found.residents == (mine, theirs)
    assert (found.params["old_at"], found.params["until_at"]) == ("08:00", "08:00")
