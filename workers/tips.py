"""Sweeps of the tip line: batches, old keys, and writes that mean nothing. None of them is counted or logged."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from backend.runtime import Runtime
from backend.tips import covering, days, releasing, shredding

COVERED = 15


def release(runtime: Runtime) -> int:
    """Let the investigators see what waits, at the fixed hours."""
    at = runtime.tips
    hours = at.line.release_hours
    return at.db.transact(releasing.release, calendar=runtime.calendar, hours=hours, now=at.clock())


def forget_days(runtime: Runtime) -> int:
    """Destroy the keys of days that are over."""
    return runtime.tips.db.transact(days.forget, today=runtime.tips.today)


def cover(runtime: Runtime) -> int:
    """Write something that means nothing, so that the last change of a file or log says nothing either.

    By chance, one minute in ``COVERED``: written every minute it would be a clock in the log, and a tip between
    the tenth and the eleventh stroke would have come at ten past.
    """
    if secrets.randbelow(COVERED) == 0:
        runtime.tips.db.transact(covering.write)
    return 0


def shred(runtime: Runtime) -> int:
    """Destroy what was closed 180 days ago or taken back: keys, contents, the rest."""
    at = runtime.tips
    _all(runtime, shredding.close_rested, limit=50, day=at.today)
    _all(runtime, shredding.destroy_due, limit=50, day=at.today)
    # A piece of evidence has 20 MB: few of them in one transaction.
    _all(runtime, shredding.remove_entries, limit=5)
    _all(runtime, shredding.remove_tips, limit=50, day=at.today)
    at.db.settle()
    return 0


def _all(runtime: Runtime, command: Callable[..., int], *, limit: int, **arguments: Any) -> None:
    """Run it until it finds less than a full piece."""
    while runtime.tips.db.transact(command, limit=limit, **arguments) == limit:
        pass
