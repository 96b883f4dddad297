"""Many at the same seats at once: nobody too many, no half couple, and nobody is told of a deadlock."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from backend.bookings import generation, holds
from backend.db import Database
from backend.kernel.clock import today
from backend.kernel.crypto import Vault
from backend.kernel.errors import Problem
from backend.models.station import StationException
from tests import booking, booking_audit
from tests.booking import A
from tests.clock import MovableClock
from tests.people import Cast, assemble

CLIENTS, SLOTS = 32, 50
FIFTY: dict[str, Any] = {"slot_minutes": 10, "seats_per_slot": 2, "daily_cap": 70}
FIFTY["hours"] = [[day, "08:00", "16:20"] for day in range(1, 8)]


@pytest.fixture
def cast(database: Database, mariadb_url: str, vault: Vault, clock: MovableClock) -> Iterator[Cast]:
    """The same database with a connection for everyone."""
    made = assemble(database, vault, clock, item="checkup")
    made.db = Database(mariadb_url, pool_size=CLIENTS)
    yield made
    made.db.dispose()


@pytest.fixture
def embedded(sqlite_database: Database, vault: Vault, clock: MovableClock) -> Cast:
    return assemble(sqlite_database, vault, clock, item="checkup")


def at_once(*calls: Callable[[], object]) -> list[str]:
    """Run all at the same time; the codes of those that were refused. Anything else ends the test."""
    start, said, broken = threading.Barrier(len(calls)), list[Problem](), list[Exception]()

    def go(call: Callable[[], object]) -> None:
        start.wait()
        try:
            call()
        except Problem as problem:
            (said if problem.status < 500 else broken).append(problem)
        except Exception as error:  # noqa: BLE001 - told below
            broken.append(error)

    threads = [threading.Thread(target=go, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not broken
    return [problem.code for problem in said]


def audit(cast: Cast) -> None:
    with cast.db.reading() as session:
        booking_audit.seats_add_up(session, now=cast.clock())
        booking_audit.nobody_twice(session)
        booking_audit.not_oversold(session)


def wander(cast: Cast, couple: tuple[int, int], slots: list[int], seed: int, acts: int) -> None:
    """One couple that holds, confirms, moves and cancels at random, either of them acting."""
    chance, mine = random.Random(seed), 0
    for _ in range(acts):
        who = chance.choice(couple)
        try:
            act = chance.choice(("hold", "confirm", "move", "cancel")) if mine else "hold"
            if act == "hold":
                mine = booking.hold(cast, who, chance.choice(slots), partner=chance.random() < 0.7)
            elif act == "confirm":
                booking.confirm(cast, who, mine)
            elif act == "move":
                booking.reschedule(cast, who, mine, chance.choice(slots))
            else:
                booking.cancel(cast, who, mine)
                mine = 0
        except Problem as problem:
            if problem.status >= 500:
                raise


def crowd(cast: Cast, clients: int, acts: int) -> None:
    booking.open_stations(cast, **FIFTY)
    slots = [view.id for view in booking.slots(cast)]
    assert len(slots) == SLOTS
    couples = booking.crowd(cast, clients)
    walks = [(couple, seed) for seed, couple in enumerate(couples)]
    at_once(*(lambda c=couple, s=seed: wander(cast, c, slots, s, acts) for couple, seed in walks))  # type: ignore[misc]
    assert sum(booking.taken(cast).values()) >= clients // 2
    audit(cast)


def test_a_crowd_over_fifty_slots_on_mariadb(cast: Cast) -> None:
    crowd(cast, CLIENTS, acts=8)


def test_a_crowd_over_fifty_slots_on_sqlite(embedded: Cast) -> None:
    crowd(embedded, 6, acts=6)


def test_thirty_two_couples_for_the_last_seats_of_fifty_slots(cast: Cast) -> None:
    """More couples than seats, each going from slot to slot until it has one: every seat is sold, once."""
    booking.open_stations(cast, **FIFTY | {"daily_cap": 40})
    slots = [view.id for view in booking.slots(cast)]

    def look(couple: tuple[int, int], seed: int) -> None:
        for slot in random.Random(seed).sample(slots, len(slots)):
            try:
                booking.hold(cast, couple[0], slot, partner=True)
            except Problem as problem:
                if problem.status >= 500:
                    raise
            else:
                return

    couples = booking.crowd(cast, CLIENTS)
    at_once(*(lambda c=couple, s=seed: look(c, s) for seed, couple in enumerate(couples)))  # type: ignore[misc]
    assert sum(booking.taken(cast).values()) == 40
    audit(cast)


def test_a_double_confirmation_is_one(cast: Cast) -> None:
    booking.open_stations(cast)
    mine, theirs = booking.couple(cast)
    made = booking.hold(cast, mine, partner=True)
    said = at_once(*(lambda who=who: booking.confirm(cast, who, made) for who in (mine, theirs, mine)))  # type: ignore[misc]
    assert said == []
    assert booking.load(cast, made).status == "confirmed"


def test_cancelling_wins_over_confirming_at_the_same_time(cast: Cast) -> None:
    booking.open_stations(cast)
    mine, theirs = booking.couple(cast)
    for view in booking.slots(cast)[:4]:
        made = booking.hold(cast, mine, view.id, partner=True)
        at_once(partial(booking.confirm, cast, mine, made), partial(booking.cancel, cast, theirs, made))
        assert booking.load(cast, made).status == "cancelled"
    audit(cast)


def test_two_bookings_change_places_without_a_deadlock(cast: Cast) -> None:
    booking.open_stations(cast, seats_per_slot=4)
    first, second = (view.id for view in booking.slots(cast)[:2])
    (one, _), (other, _) = booking.crowd(cast, 2)
    here, there = booking.booked(cast, one, first, partner=True), booking.booked(cast, other, second, partner=True)
    said = at_once(
        lambda: booking.reschedule(cast, one, here, second), lambda: booking.reschedule(cast, other, there, first)
    )
    assert said == []
    assert (booking.load(cast, here).slot_id, booking.load(cast, there).slot_id) == (second, first)
    audit(cast)


def test_a_closure_among_holds_keeps_whoever_was_faster(cast: Cast) -> None:
    booking.open_stations(cast, seats_per_slot=20, daily_cap=100)
    slots, day = booking.slots(cast), today(cast.clock()) + timedelta(days=1)
    couples = booking.crowd(cast, 12)

    def close() -> None:
        row = StationException(id=1, station=A, day=day, kind="closed", hours=[], reason="检修")
        cast.run(lambda session: session.add(row))
        cast.run(generation.make, calendar=cast.calendar, station=A, now=cast.clock())

    views = [slots[n % len(slots)].id for n in range(len(couples))]
    calls = [(couple[0], slot) for couple, slot in zip(couples, views, strict=True)]
    said = at_once(
        *(lambda w=who, s=slot: booking.hold(cast, w, s, partner=True) for who, slot in calls),  # type: ignore[misc]
        close,
    )
    assert set(said) <= {"slot_closed", "slot_full", "not_found"}
    assert booking.slots(cast) == []
    assert sum(booking.taken(cast).values()) == 2 * (len(calls) - len(said))
    audit(cast)


def test_sweepers_and_people_do_not_release_a_hold_twice(cast: Cast) -> None:
    booking.open_stations(cast)
    mine, theirs = booking.couple(cast)
    made = booking.hold(cast, mine, partner=True)
    cast.clock.advance(timedelta(minutes=11))
    sweep = partial(cast.run, holds.expire_due, now=cast.clock(), limit=10)
    at_once(sweep, sweep, lambda: booking.cancel(cast, theirs, made), lambda: booking.confirm(cast, mine, made))
    assert booking.load(cast, made).status == "cancelled"
    audit(cast)
