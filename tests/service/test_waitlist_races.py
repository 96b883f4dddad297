"""Many at once: no seat is offered twice, none is lost, nobody sees a deadlock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from backend.bookings import holds, matching, returns
from backend.bookings.holds import Wish
from backend.db import Database
from backend.kernel.crypto import Vault
from backend.kernel.errors import Problem, Unavailable
from backend.models.booking import SeatOffer
from backend.models.station import Slot
from tests import booking
from tests.clock import MovableClock
from tests.people import Cast, assemble
from tests.waiting import Line


@pytest.fixture
def cast(database: Database, vault: Vault, clock: MovableClock) -> Cast:
    made = assemble(database, vault, clock, item="checkup")
    booking.open_stations(made, hours=[[2, "08:00", "10:00"]], seats_per_slot=4, daily_cap=12, horizon_days=1)
    return made


@pytest.fixture
def line(cast: Cast) -> Line:
    return Line(cast)


def at_once(works: list[Callable[[], Any]]) -> list[str]:
    """Run everything in threads; what was refused, by its code. Anything else is an error."""
    refused: list[str] = []

    def go(work: Callable[[], Any]) -> None:
        try:
            work()
        except Unavailable as problem:
            refused.append(f"unavailable {problem}")
        except Problem as problem:
            refused.append(problem.code)

    threads = [threading.Thread(target=go, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def offers(cast: Cast) -> list[SeatOffer]:
    with cast.db.reading() as session:
        return list(session.scalars(select(SeatOffer)))


def test_eight_relays_offer_one_seat_once(cast: Cast, line: Line) -> None:
    full = line.fill(booking.slots(cast)[0].id, (20, 21, 22, 23))
    for serial in range(30, 38):
        line.join(booking.guest(cast, serial))
    closed(cast, booking.slots(cast)[1:])
    line.give_back(full[0])
    now = cast.clock()
    works = [lambda: cast.run(matching.match, station=booking.A, now=now) for _ in range(8)]
    assert at_once(works) == []
    assert len(offers(cast)) == 1
    line.check_books()


def closed(cast: Cast, views: list[Any]) -> None:
    """Fill the other slots, so that nothing but what comes back is free."""

    def write(session: Any) -> None:
        for view in views:
            session.get_one(Slot, view.id).closes_at = cast.clock()

    cast.run(write)


def test_line_public_and_returns_share_seats_without_losing_one(cast: Cast, line: Line) -> None:
    views = booking.slots(cast)
    full = [
        made
        for place, view in enumerate(views[:3])
        for made in line.fill(view.id, range(20 + 4 * place, 24 + 4 * place))
    ]
    waiting = [booking.guest(cast, serial) for serial in range(40, 46)]
    for who in waiting:
        line.join(who)
    public = [booking.guest(cast, serial) for serial in range(50, 62)]
    now = cast.clock() + timedelta(minutes=21)

    def sweep() -> None:
        while cast.run(matching.match, station=booking.A, now=now):
            pass
        with cast.db.reading() as session:
            due = returns.due(session, now=now)
        for row_id in due:
            cast.run(returns.release, return_id=row_id, now=now)

    def hold(who: int, slot: int) -> None:
        wish = Wish(slot, "first")
        cast.run(holds.hold, vault=cast.vault, resident_id=who, wish=wish, now=now)

    works: list[Callable[[], Any]] = [partial(line.give_back, made) for made in full[:8]]
    works += [sweep for _ in range(3)]
    works += [partial(hold, who, views[n % 4].id) for n, who in enumerate(public)]
    refused = at_once(works)
    assert set(refused) <= {"slot_full"}
    cast.clock.set(now)
    line.sweep()
    line.check_books()
    open_ones = [row for row in offers(cast) if row.ended_at is None]
    assert len({row.entry_id for row in open_ones}) == len(open_ones)


def test_an_offer_answered_in_every_way_at_once_ends_in_one(cast: Cast, line: Line) -> None:
    mine, theirs = booking.couple(cast)
    closed(cast, booking.slots(cast)[1:])
    line.join(mine, partner=True)
    line.sweep()
    [offer] = line.open_offers(mine)
    entry = line.card(mine).id
    works: list[Callable[[], Any]] = [lambda: line.accept(mine, offer.id), lambda: line.accept(theirs, offer.id)]
    works += [lambda: line.decline(theirs, offer.id), lambda: line.leave(mine, entry)]
    assert set(at_once(works)) <= {"offer_expired", "offer_accepted"}
    line.sweep()
    line.check_books()
