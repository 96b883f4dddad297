"""What becomes of visits, waiting, results and follow-ups when an account is erased, and what its copy holds before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from backend.accounts import export
from backend.bookings import followups, waitlist
from backend.bookings.waitlist import Wait
from backend.db import Database
from backend.kernel.clock import system_clock, today
from backend.kernel.crypto import Vault
from backend.models.booking import Booking, BookingSeat, SeatOffer, WaitlistEntry
from backend.models.checkup import CheckupResult, FollowUp
from backend.models.outbox import Outbox
from backend.web import leaving
from tests import booking, day, reminding
from tests.clock import MovableClock
from tests.people import Cast
from tests.results import visit
from workers.exports import COLLECTORS


@pytest.fixture
def cast(database: Database, vault: Vault, clock: MovableClock) -> Cast:
    return booking.county(database, vault, clock)


def leave(cast: Cast, who: int) -> None:
    whole = {"vault": cast.vault, "reminder_vault": reminding.VAULT, "resident_id": who}
    cast.run(leaving.leave, **whole, now=cast.clock(), at=system_clock())


def seats(cast: Cast, made: int) -> list[tuple[Any, ...]]:
    """(whose, person, active key, plan key, checks) of each seat that stands for somebody first."""
    columns = (BookingSeat.whose, BookingSeat.resident_id, BookingSeat.active_key, BookingSeat.plan_key)
    with cast.db.reading() as session:
        found = session.execute(select(*columns, BookingSeat.items).where(BookingSeat.booking_id == made))
        return sorted((tuple(row) for row in found), key=lambda row: row[0])


def put(cast: Cast, made: int, **values: Any) -> None:
    cast.run(lambda session: session.execute(update(Booking).where(Booking.id == made).values(**values)))


def copy(cast: Cast, who: int) -> dict[str, Any]:
    made = cast.run(export.request, resident_id=who, now=cast.clock())
    cast.run(export.build, vault=cast.vault, export_id=made, collectors=COLLECTORS, now=cast.clock())
    with cast.db.reading() as session:
        content = export.read(session, cast.vault, resident_id=who, export_id=made, now=cast.clock()).content
    assert content is not None
    return content


@pytest.mark.parametrize("who", [0, 1])
def test_visit_to_come_is_called_off_for_both_and_the_other_is_told(cast: Cast, who: int) -> None:
    people = booking.couple(cast)
    made = booking.booked(cast, people[0], partner=True)
    leave(cast, people[who])
    row, other = booking.load(cast, made), people[1 - who]
    assert (row.status, row.ended_as, row.resident_id, row.partner_id) == ("cancelled", "person", other, None)
    assert booking.slot(cast, row.slot_id).resting == 2
    with cast.db.reading() as session:
        topics = set(session.scalars(select(Outbox.topic).where(Outbox.subject_id == made)))
    assert "booking_cancelled" in topics
    assert booking.booked(cast, other)


def test_held_seats_return(cast: Cast) -> None:
    mine, _ = booking.couple(cast)
    row = booking.load(cast, booking.hold(cast, mine, partner=True))
    leave(cast, mine)
    assert booking.slot(cast, row.slot_id).resting == 2


def test_visit_that_is_over_stays_with_the_other_one(cast: Cast) -> None:
    mine, theirs = booking.couple(cast)
    made = booking.booked(cast, mine, partner=True)
    put(cast, made, status="completed")
    leave(cast, mine)
    row = booking.load(cast, made)
    assert (row.status, row.resident_id, row.partner_id) == ("completed", theirs, None)
    kept = seats(cast, made)
    assert [seat[:2] for seat in kept] == [("booker", theirs), ("companion", None)]
    assert kept[0][3]
    assert kept[1][2:] == (None, None, None)


def test_nothing_of_a_lonely_visit_points_to_anybody(cast: Cast) -> None:
    guest = booking.guest(cast, 20)
    made = booking.booked(cast, guest, companion="赵㛃")
    put(cast, made, status="completed")
    leave(cast, guest)
    row = booking.load(cast, made)
    assert (row.resident_id, row.partner_id, row.companion) == (None, None, None)
    assert {seat[1:] for seat in seats(cast, made)} == {(None, None, None, None)}


@pytest.mark.parametrize("who", [0, 1])
def test_whoever_stays_at_the_station_is_still_written_down(cast: Cast, who: int) -> None:
    people, nurse = booking.couple(cast), day.nurse(cast)
    made = booking.booked(cast, people[0], partner=True)
    day.to_the_day(cast)
    day.here(cast, nurse, made)
    leave(cast, people[who])
    assert [visit.id for visit in day.sheet(cast, nurse)] == [made]
    day.complete(cast, nurse, made)
    row = booking.load(cast, made)
    assert (row.status, row.resident_id) == ("completed", people[1 - who])
    booker, gone = seats(cast, made)
    assert (booker[1], gone[1], gone[3]) == (people[1 - who], None, None)
    assert copy(cast, people[1 - who])["bookings"][0]["checks_done"]


def test_a_person_who_comes_back_starts_anew(cast: Cast) -> None:
    guest = booking.guest(cast, 20)
    booking.booked(cast, guest)
    leave(cast, guest)
    cast.residents.clear()
    again = booking.guest(cast, 20)
    assert again != guest
    assert booking.booked(cast, again)


def test_waiting_and_its_offers_go(cast: Cast) -> None:
    mine, theirs = booking.couple(cast)
    wanted = today(cast.clock()) + timedelta(days=1)
    for view in booking.slots(cast):
        for serial in range(view.left):
            booking.hold(
                cast, booking.guest(cast, 20 + serial + 4 * view.starts_at.minute + view.starts_at.hour * 10), view.id
            )
    wish = Wait(booking.A, wanted, wanted, partner=True)
    cast.run(waitlist.join, vault=cast.vault, resident_id=mine, wish=wish, now=cast.clock())
    assert copy(cast, theirs)["waitlist"][0]["station"] == "演示服务站甲"
    leave(cast, theirs)
    with cast.db.reading() as session:
        assert session.scalars(select(WaitlistEntry)).all() == []
        assert session.scalars(select(SeatOffer)).all() == []


def test_copy_tells_each_of_a_couple_their_own_side(cast: Cast) -> None:
    mine, theirs = booking.couple(cast)
    booking.booked(cast, mine, partner=True)
    one, other = copy(cast, mine)["bookings"][0], copy(cast, theirs)["bookings"][0]
    assert (one["booked_by_me"], other["booked_by_me"]) == (True, False)
    assert one["station"] == other["station"] == "演示服务站甲"
    assert one["status"] == "confirmed"
    guest = booking.guest(cast, 20)
    booking.booked(cast, guest, companion="赵㛃")
    assert copy(cast, guest)["bookings"][0]["companion"] == "赵㛃"


def test_results_and_follow_ups_are_in_the_copy_and_go_with_the_account(cast: Cast) -> None:
    seen = visit(cast)
    seen.put("partner", "consult")
    days = {"early": today(cast.clock()) + timedelta(days=30)}
    cast.run(
        followups.put,
        vault=cast.vault,
        purposes=cast.purposes,
        resident_id=seen.theirs,
        booking_id=seen.booking_id,
        days=days,
        now=cast.clock(),
    )
    told = copy(cast, seen.theirs)
    assert [one["risk"] for one in told["checkup_results"]] == ["consult"]
    assert [one["kind"] for one in told["follow_ups"]] == ["early"]
    assert told["bookings"][0]["checks_done"]
    leave(cast, seen.theirs)
    with cast.db.reading() as session:
        assert [session.scalars(select(table)).all() for table in (CheckupResult, FollowUp)] == [[], []]
