"""Notices 公示 by the clock: is the page there, which days were lost, whose last day is over.

Each notice in a transaction of its own: one that cannot be concluded holds up nobody else, and a relay that is killed
leaves the others where they are.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from backend.applications import heartbeats, notices
from backend.kernel.clock import system_clock
from backend.kernel.errors import Unavailable
from backend.runtime import Runtime
from workers.drain import describe

logger = logging.getLogger("workers.notices")

#: So many in one turn; the next turn follows soon, and the relay has other work.
PIECE = 200


def look(runtime: Runtime) -> int:
    """Look at the page, with no transaction open, and write down what was seen."""
    there = runtime.heartbeat.readable()
    runtime.db.transact_once(heartbeats.record, readable=there, at=system_clock())
    return 0


def extend(runtime: Runtime) -> int:
    """Make up for days on which nobody could read the page."""
    at = system_clock()
    with runtime.db.reading() as session:
        found = notices.unlucky(session, calendar=runtime.calendar, at=at, limit=PIECE)
    return _each(runtime, notices.extend, found)


def conclude(runtime: Runtime) -> int:
    """Let the approvals count whose notice is over."""
    with runtime.db.reading() as session:
        found = notices.due(session, now=runtime.clock(), limit=PIECE)
    return _each(runtime, notices.conclude, found)


def _each(runtime: Runtime, command: Callable[..., bool], found: list[int]) -> int:
    done, failures = 0, []
    for notice_id in found:
        arguments = {"calendar": runtime.calendar, "now": runtime.clock(), "at": system_clock()}
        try:
            done += runtime.db.transact(command, notice_id=notice_id, **arguments)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one notice's failure is written down, the others go on
            failures.append(error)
            logger.error("notice %s: %s", notice_id, describe(error))
    if failures:
        raise failures[0]
    return done
