"""After the day: whoever did not come is free and soon forgotten, whoever was here is done, and nothing is logged."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from backend.db import Database
from backend.kernel.clock import SHANGHAI
from backend.kernel.crypto import Vault
from backend.models.booking import Booking, BookingSeat
from backend.models.outbox import Outbox
from backend.models.station import Slot, Station
from backend.runtime import Runtime
from tests import booking, day
from tests.booking import A
from tests.clock import MovableClock
from tests.people import Cast
from workers import booking_day


@pytest.fixture
def cast(database: Database, vault: Vault, clock: MovableClock) -> Cast:
    return booking.county(database, vault, clock)


@pytest.fixture
def at(runtime: Runtime, clock: MovableClock) -> Runtime:
    """The workers' runtime under the clock of the test."""
    object.__setattr__(runtime, "clock", clock)
    return runtime


def evening(cast: Cast, hour: int, minute: int = 0, days: int = 0) -> None:
    there = cast.clock().astimezone(SHANGHAI) + timedelta(days=days)
    cast.clock.set(datetime(there.year, there.month, there.day, hour, minute, tzinfo=SHANGHAI))


def missed(cast: Cast) -> int:
    with cast.db.reading() as session:
        return session.get_one(Station, A).missed


def rows(cast: Cast, table: type[Booking | BookingSeat]) -> int:
    with cast.db.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_nobody_is_missed_before_the_station_has_long_closed(cast: Cast, at: Runtime) -> None:
    made = booking.booked(cast, booking.guest(cast, 20))
    day.to_the_day(cast, hour=12)
    evening(cast, 12, 29)
    assert booking_day.close_days(at) == 0
    evening(cast, 12, 30)
    assert booking_day.close_days(at) == 1
    assert (booking.load(cast, made).status, missed(cast)) == ("missed", 1)


def test_a_missed_couple_may_book_again_at_once(cast: Cast, at: Runtime) -> None:
    mine, _ = booking.couple(cast)
    booking.booked(cast, mine, partner=True)
    day.to_the_day(cast, hour=13)
    assert (booking_day.close_days(at), booking_day.close_days(at)) == (1, 0)
    assert booking.load(cast, booking.hold(cast, mine, partner=True)).status == "held"
    with cast.db.reading() as session:
        assert session.scalars(select(Outbox.topic).where(Outbox.topic == "booking_missed")).all() == ["booking_missed"]


def test_a_missed_visit_stands_on_no_sheet_even_on_its_day(cast: Cast, at: Runtime) -> None:
    nurse, made = day.nurse(cast), booking.load(cast, booking.booked(cast, booking.guest(cast, 20)))
    day.to_the_day(cast, hour=13)
    booking_day.close_days(at)
    assert day.sheet(cast, nurse) == []
    with pytest.raises(Exception, match="day_over"):
        day.check_in(cast, nurse, made.code)
    evening(cast, 9, days=1)
    with pytest.raises(Exception, match="other_day"):
        day.check_in(cast, nurse, made.code)


def test_whoever_was_here_is_done_without_a_list_of_checks(cast: Cast, at: Runtime) -> None:
    nurse, made = day.nurse(cast), booking.booked(cast, booking.guest(cast, 20))
    day.to_the_day(cast)
    day.here(cast, nurse, made)
    evening(cast, 13)
    assert booking_day.close_days(at) == 1
    seat = day.seats(cast, made)["booker"]
    assert (booking.load(cast, made).status, missed(cast)) == ("completed", 0)
    assert (seat.items, seat.active_key, seat.plan_key is None) == (None, None, False)


def test_what_the_station_withdrew_is_not_missed(cast: Cast, at: Runtime) -> None:
    made = booking.booked(cast, booking.guest(cast, 20))

    def withdraw(session: object) -> None:
        slot = session.get_one(Slot, booking.load(cast, made).slot_id)  # type: ignore[attr-defined]
        slot.withdrawn_at = cast.clock()

    cast.run(withdraw)
    day.to_the_day(cast, hour=20)
    assert (booking_day.close_days(at), booking.load(cast, made).status) == (0, "confirmed")


def test_missed_and_cancelled_visits_and_walk_ins_are_erased_after_thirty_days(cast: Cast, at: Runtime) -> None:
    nurse = day.nurse(cast)
    stays = booking.booked(cast, booking.guest(cast, 20))
    booking.booked(cast, booking.guest(cast, 21))
    booking.cancel(cast, booking.guest(cast, 22), booking.booked(cast, booking.guest(cast, 22)))
    day.to_the_day(cast)
    day.here(cast, nurse, stays)
    day.walk_in(cast, nurse, 2, name="客人")
    evening(cast, 13)
    booking_day.close_days(at)
    evening(cast, 23, 59, days=30)
    assert (booking_day.erase_bookings(at), rows(cast, Booking)) == (0, 4)
    evening(cast, 0, 5, days=1)
    assert booking_day.erase_bookings(at) == 3
    assert (booking.load(cast, stays).status, rows(cast, Booking), rows(cast, BookingSeat)) == ("completed", 1, 1)


def test_holds_that_ran_out_are_erased_after_two_days(cast: Cast, at: Runtime) -> None:
    who = booking.guest(cast, 20)
    booking.hold(cast, who)
    cast.clock.advance(timedelta(minutes=11))
    booking.booked(cast, who)
    cast.clock.advance(timedelta(days=2))
    assert (booking_day.erase_bookings(at), rows(cast, Booking)) == (1, 1)


def test_nothing_that_tells_who_came_is_logged(cast: Cast, at: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    nurse, made = day.nurse(cast), booking.load(cast, booking.booked(cast, booking.guest(cast, 20)))
    booking.booked(cast, booking.guest(cast, 21))
    day.to_the_day(cast)
    with caplog.at_level(logging.DEBUG):
        day.here(cast, nurse, made.id)
        day.complete(cast, nurse, made.id)
        evening(cast, 13)
        booking_day.close_days(at)
    assert [
        record for record in caplog.records if str(made.id) in record.getMessage() or made.code in record.getMessage()
    ] == []
