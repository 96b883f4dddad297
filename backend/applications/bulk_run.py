"""Working a bulk act off, line by line: first by the request that began it, then by workers, each for its time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from backend.applications import bulk
from backend.applications.bulk import Tools
from backend.kernel.errors import Problem

logger = logging.getLogger("applications.bulk")
#: Lines asked for at a time.
CHUNK = 50
#: Problems from here on are not the case's: the database is away, and the line waits.
SERVER = 500


class Store(Protocol):
    """The database as the edges have it: a transaction that may be run again, and reading."""

    def transact_once(self, command: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any: ...

    def reading(self) -> AbstractContextManager[Session]: ...


def work_off(store: Store, tools: Tools, *, act_id: int, clock: Callable[[], datetime], seconds: float) -> bool:
    """Whether the act is over; false when time ran out before its lines did.

    Each line is a transaction of its own. A line that breaks is written down as failed; when the database is away
    the act waits as it is.
    """
    end = time.monotonic() + seconds
    while True:
        with store.reading() as session:
            lines = bulk.waiting(session, act_id=act_id, limit=CHUNK)
        if not lines:
            return bool(store.transact_once(bulk.finish, vault=tools.vault, act_id=act_id, now=clock()))
        for line_id in lines:
            if time.monotonic() >= end:
                return False
            _line(store, tools, line_id, clock())


def _line(store: Store, tools: Tools, line_id: int, now: datetime) -> None:
    try:
        store.transact_once(bulk.work, tools=tools, line_id=line_id, now=now)
    except Problem as problem:
        if problem.status >= SERVER:
            raise
        store.transact_once(bulk.refuse, line_id=line_id, code=problem.code, now=now)
    except Exception as error:  # noqa: BLE001 - one case's failure is written down, the others go on
        logger.error("a line of a bulk act failed: %s", type(error).__name__)  # never its text: it may name people
        store.transact_once(bulk.refuse, line_id=line_id, code=bulk.FAILED, now=now)
