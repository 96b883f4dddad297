"""Bulk acts: what the request that began one left undone, in turns, so that other work of the queue comes between."""

from __future__ import annotations

from backend.applications import bulk_run
from backend.applications.bulk import Tools
from backend.events.leasing import Leased
from backend.runtime import Runtime
from workers.kinds import OutOfTime, repeatable

#: Seconds of one turn; then the row goes back, due at once.
TURN = 1.5


def work_off(runtime: Runtime, row: Leased) -> None:
    """Lines until the act is over; ``OutOfTime`` puts the rest back."""
    tools = Tools(runtime.vault, runtime.calendar)
    if not bulk_run.work_off(runtime.db, tools, act_id=row.subject_id, clock=runtime.clock, seconds=TURN):
        raise OutOfTime


drained = repeatable(work_off)
