"""Sweeps of the tip line: batches, old keys, and writes that mean nothing. None of them is counted or logged."""

from __future__ import annotations

from backend.runtime import Runtime
from backend.tips import covering, days, releasing


def release(runtime: Runtime) -> int:
    """Let the investigators see what waits, at the fixed hours."""
    at = runtime.tips
    hours = at.line.release_hours
    return at.db.transact(releasing.release, calendar=runtime.calendar, hours=hours, now=at.clock())


def forget_days(runtime: Runtime) -> int:
    """Destroy the keys of days that are over."""
    return runtime.tips.db.transact(days.forget, today=runtime.tips.today)


def cover(runtime: Runtime) -> int:
    """Write something that means nothing, so that the last change of a file or log says nothing either."""
    runtime.tips.db.transact(covering.write)
    return 0
