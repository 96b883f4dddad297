"""What bookings ask of the database: locks in one order, and no statement a row of a list."""

from __future__ import annotations

import pytest

from backend.bookings import queries
from backend.db import Database
from backend.kernel.crypto import Vault
from tests import booking
from tests.clock import MovableClock
from tests.people import Cast
from tests.statements import said
from tests.waiting import Line

WEDNESDAY = [[3, "08:00", "09:00"]]


@pytest.fixture
def cast(database: Database, vault: Vault, clock: MovableClock) -> Cast:
    return booking.county(database, vault, clock)


def test_two_slots_are_locked_by_id_before_either_changes(cast: Cast) -> None:
    mine, _ = booking.couple(cast)
    made = booking.booked(cast, mine, partner=True)
    booking.open_stations(cast, hours=WEDNESDAY)
    line = Line(cast)
    line.sweep()
    assert line.open_offers(mine)
    with said() as statements:
        booking.cancel(cast, mine, made)
    locks = [one for one in statements if "FROM slot" in one and "FOR UPDATE" in one]
    assert "ORDER BY slot.id" in locks[0]
    assert statements.index(locks[0]) < next(n for n, one in enumerate(statements) if one.startswith("UPDATE slot"))
    line.check_books()


def test_a_list_of_bookings_is_one_statement(cast: Cast) -> None:
    who = booking.guest(cast, 20)
    for _ in range(3):
        booking.cancel(cast, who, booking.hold(cast, who, companion="李䶮"))
        booking.release(cast)
    with said() as statements, cast.db.reading() as session:
        cards = queries.mine(session, cast.vault, resident_id=who, limit=20)
    assert [card.companion for card in cards] == ["李䶮"] * 3
    assert len([one for one in statements if one.startswith("SELECT")]) == 1
