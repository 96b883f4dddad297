"""Beginning a bulk act from a request: written down once per key, and the first cases done while the clerk waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from backend.applications import bulk, bulk_run
from backend.applications.bulk import Tools
from backend.applications.bulk_checks import Pick, Wish
from backend.applications.policy import Reviewer
from backend.web.context import runtime
from backend.web.once import once

#: So many cases are done before the answer goes out, if they are done within so many seconds.
SMALL, PATIENCE = 20, 3.0
#: When a worker looks after a small act: only where the request died over it.
NET = timedelta(seconds=10)


def begin(reviewer: Reviewer, wish: Wish, picks: Sequence[Pick]) -> int:
    """The id of the act; a repeated request finds the one it began, and goes on with it if it is small."""
    at, small = runtime(), len(picks) <= SMALL
    later = at.clock() + NET if small else None
    act_id = once(bulk.begin, vault=at.vault, reviewer=reviewer, wish=wish, picks=picks, now=at.clock(), later=later)
    if small:
        tools = Tools(at.vault, at.calendar)
        bulk_run.work_off(at.db, tools, act_id=act_id, clock=at.clock, seconds=PATIENCE)
        at.wake()
    return act_id
