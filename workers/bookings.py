"""Sweeps of bookings: holds that ran out, the slots of the coming days."""

from __future__ import annotations

from backend.bookings import generation, holds
from backend.runtime import Runtime
from workers.housekeeping import sweep


def expire_holds(runtime: Runtime) -> int:
    return sweep(runtime, holds.expire_due, now=runtime.clock())


def make_slots(runtime: Runtime) -> int:
    """The slots of every station, each in a transaction of its own; how many changed."""
    with runtime.db.reading() as session:
        codes = generation.stations(session)
    made = (
        runtime.db.transact(generation.make, calendar=runtime.calendar, station=code, now=runtime.clock())
        for code in codes
    )
    return sum(change.total for change in made)
