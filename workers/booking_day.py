"""Sweeps of the day: visits whose day is over, and what is left of those that never were.

Only how many there were is ever logged, of all stations together.
"""

from __future__ import annotations

from backend.bookings import leftovers, missed
from backend.runtime import Runtime
from workers.housekeeping import sweep


def close_days(runtime: Runtime) -> int:
    return sweep(runtime, missed.close_days, now=runtime.clock())


def erase_bookings(runtime: Runtime) -> int:
    return sweep(runtime, leftovers.erase, now=runtime.clock())
