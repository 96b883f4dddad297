"""How a topic is worked off: every row by itself, many in one transaction, or through an outside call.

A handler takes the runtime and leased rows and returns what went wrong, row id → error; the rows
it does not mention are done. What changes the database is finished in the same transaction
(``leasing.take``), so a worker killed at any moment leaves either both or neither.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from backend.events import leasing
from backend.events.leasing import Leased
from backend.kernel.clock import system_clock
from backend.kernel.errors import Problem, Unavailable
from backend.runtime import Runtime
from workers import counting

Failures = dict[int, Exception]
Handler = Callable[[Runtime, Sequence[Leased]], Failures]
#: ``command(session, runtime, row, now)`` does the work of one row in the caller's transaction.
Command = Callable[[Session, Runtime, Leased, datetime], object]

#: ``call(runtime, row)`` does the work of one row with no transaction open.
Call = Callable[[Runtime, Leased], None]

CHUNK = 50


class OutOfTime(Exception):
    """The lease is about to end: the row goes back untried."""


class Later(Exception):
    """Not its time yet: the row goes back untried until ``due_at``; ``rest``: nor is it for others of its topic."""

    def __init__(self, due_at: datetime, *, rest: bool = False) -> None:
        super().__init__()
        self.due_at = due_at
        self.rest = rest


@dataclass(frozen=True, slots=True)
class Topic:
    """One line of the registry.

    ``handler``: ``module:function``; ``intervals``: seconds between tries, as many retries as there are;
    ``lease``: seconds; ``batch``: rows per lease, so few that they are done well within it; ``again``:
    whether a row whose worker died during an outside call is sent once more (or waits for a person);
    ``urgent``: someone sits before a screen and waits for it.
    """

    name: str
    handler: str
    queue: str
    intervals: tuple[float, ...]
    lease: float = 5
    batch: int = leasing.BATCH
    again: bool = True
    urgent: bool = False


def together(command: Command) -> Handler:
    """Rows in transactions of up to 50; where one of them fails, each by itself."""

    def handler(runtime: Runtime, rows: Sequence[Leased]) -> Failures:
        failures: Failures = {}
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            try:
                in_time(chunk[0])
                runtime.db.transact_once(_work, runtime, chunk, command)
            except Exception as error:  # noqa: BLE001 - one row's failure is written down, the others go on
                failures |= {chunk[0].id: error} if len(chunk) == 1 else _singly(runtime, chunk, command)
        return failures

    return handler


def singly(command: Command) -> Handler:
    """Each row in a transaction of its own."""

    def handler(runtime: Runtime, rows: Sequence[Leased]) -> Failures:
        return _singly(runtime, rows, command)

    return handler


def _singly(runtime: Runtime, rows: Sequence[Leased], command: Command) -> Failures:
    failures: Failures = {}
    for row in rows:
        try:
            in_time(row)
            runtime.db.transact_once(_work, runtime, [row], command)
        except Exception as error:  # noqa: BLE001 - one row's failure is written down, the others go on
            failures[row.id] = error
    return failures


def repeatable(call: Call) -> Handler:
    """Work outside the database that may be done again without harm: no mark, finished row by row."""
    return _calling(call, before=None)


def outside(call: Call) -> Handler:
    """A call the receiver cannot dedupe: marked ``sending`` first, made with no transaction open, then finished."""
    return _calling(call, before=leasing.mark_sending)


def _calling(call: Call, *, before: Callable[[Session, Sequence[Leased]], None] | None) -> Handler:
    def handler(runtime: Runtime, rows: Sequence[Leased]) -> Failures:
        failures: Failures = {}
        for row in rows:
            try:
                in_time(row)
                if before is not None:
                    runtime.db.transact_once(before, [row])
                call(runtime, row)
                runtime.db.transact_once(leasing.finish, [row], now=runtime.clock())
            except Exception as error:  # noqa: BLE001 - one row's failure is written down, the others go on
                failures[row.id] = error
        return failures

    return handler


def permanent(error: Exception) -> bool:
    """Whether trying again cannot help: a refusal by the rules, or by the other side for good."""
    if isinstance(error, Problem):
        return not isinstance(error, Unavailable)
    return bool(getattr(error, "permanent", False))


def in_time(row: Leased, leave: float = 1) -> None:
    """Leave a second of the lease for the commit; a row begun later might be someone else's already."""
    if (row.until - system_clock()).total_seconds() < leave:
        raise OutOfTime


def _work(session: Session, runtime: Runtime, rows: Sequence[Leased], command: Command) -> None:
    now = runtime.clock()
    leasing.take(session, rows, now=now)
    for row in rows:
        command(session, runtime, row, now)
        if row.topic in counting.TOPICS:
            counting.count(session, calendar=runtime.calendar, application_id=row.subject_id)
