"""A relay that dies while holds run out: no seat is lost, and none comes back twice."""

from __future__ import annotations

import random
import time
from datetime import date, timedelta

from backend.kernel.clock import system_clock, today
from backend.models.booking import Booking
from backend.models.station import Slot
from backend.runtime import Runtime
from config.settings import Settings
from tests import booking, booking_audit
from tests.clock import MovableClock
from tests.people import Cast, assemble
from tests.workers.processes import RELAY, Process, eventually

COUPLES, KILLS = 40, 2
RULES = {"hours": [[day, "08:00", "17:00"] for day in range(1, 8)], "daily_cap": 200, "seats_per_slot": 10}


def late_holds(cast: Cast) -> None:
    """Couples who held both seats eleven minutes ago."""
    booking.open_stations(cast, **RULES)
    slots = [view for n in range(1, 15) for view in booking.slots(cast, day=_after(cast, n))]
    for place, (one, _) in enumerate(booking.crowd(cast, COUPLES)):
        cast.clock.advance(timedelta(milliseconds=1))
        booking.hold(cast, one, slots[place % 40].id, partner=True)


def _after(cast: Cast, days: int) -> date:
    return today(cast.clock()) + timedelta(days=days)


def test_seats_of_late_holds_come_back_whatever_dies(settings: Settings, runtime: Runtime) -> None:
    cast = assemble(runtime.db, runtime.vault, MovableClock(system_clock() - timedelta(minutes=11)), item="checkup")
    late_holds(cast)
    relay, chance = Process(settings, *RELAY), random.Random()
    for _ in range(KILLS):
        relay.start()
        time.sleep(chance.uniform(0.8, 1.8))
        relay.kill()
    with relay:
        assert eventually(lambda: _standing(cast) == (0, 0), seconds=60), relay.log()
    with cast.db.reading() as session:
        booking_audit.seats_add_up(session, now=cast.clock())
        booking_audit.nobody_twice(session)


def _standing(cast: Cast) -> tuple[int, int]:
    """Holds, and seats that nobody else can have."""
    with cast.db.reading() as session:
        held = session.query(Booking).where(Booking.status == "held").count()
        return held, session.query(Slot).where(Slot.taken > 0).count()
