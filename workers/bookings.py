"""Sweeps of bookings: holds that ran out, the slots of the coming days and those long past."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backend.bookings import generation, holds
from backend.runtime import Runtime
from workers.housekeeping import sweep


def expire_holds(runtime: Runtime) -> int:
    return sweep(runtime, holds.expire_due, now=runtime.clock())


def make_slots(runtime: Runtime) -> int:
    """The slots of every station as its rules say; how many changed."""
    return sum(change.total for change in _of_each(runtime, generation.make, calendar=runtime.calendar))


def forget_slots(runtime: Runtime) -> int:
    """Days long past; how many slots."""
    return sum(_of_each(runtime, generation.forget))


def _of_each(runtime: Runtime, command: Callable[..., Any], **arguments: Any) -> list[Any]:
    """A command for every open station, each in a transaction of its own."""
    with runtime.db.reading() as session:
        codes = generation.stations(session)
    return [runtime.db.transact(command, station=code, now=runtime.clock(), **arguments) for code in codes]
