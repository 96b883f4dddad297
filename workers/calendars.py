"""What follows a change of the calendar: this process reads it, and open cases are counted again."""

from __future__ import annotations

from datetime import date

from backend.applications import recounting
from backend.events.leasing import Leased
from backend.runtime import Runtime
from workers.kinds import repeatable

PIECE = 100


def recount(runtime: Runtime, row: Leased) -> None:
    """``row.subject_id`` is the year. May be run again: a case that was counted is not moved twice."""
    runtime.calendars.look_again()
    after = 0
    while True:
        after = runtime.db.transact(
            recounting.recount,
            calendar=runtime.calendar,
            since=date(row.subject_id, 1, 1),
            after=after,
            now=runtime.clock(),
            limit=PIECE,
        )
        if not after:
            return


changed = repeatable(recount)
