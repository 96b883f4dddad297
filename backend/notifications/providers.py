"""What all processes share about one provider: calls a second, and whether it is left alone for a while.

Times are the machine's clock: they measure. All of it is conditional UPDATEs on one row of ``provider``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Update, case, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from backend.models.delivery import Provider

#: So many failures in a row, and the provider is left alone for so long; then one call tries.
FAILURES = 5
REST = timedelta(seconds=30)
SECOND = timedelta(seconds=1)
#: A second further ahead than this was counted before the machine's clock was set back.
AHEAD = 60


@dataclass(frozen=True, slots=True)
class Grant:
    """``calls`` may be made now; the others in ``wait``."""

    calls: int
    wait: timedelta = SECOND


@dataclass(frozen=True, slots=True)
class State:
    """One provider for those who look after it; ``resting``: its circuit is open."""

    name: str
    failures: int
    resting: bool


def take(session: Session, name: str, *, wanted: int, limit: int, beat: datetime) -> Grant:
    """As many of the wanted calls as this second has room for; one to try a provider after its rest, none within."""
    open_until = _open_until(session, name)
    if open_until is None or open_until > beat + REST:  # set back: nobody waits longer than the rest
        return Grant(_count(session, name, wanted, limit, beat))
    if open_until > beat:
        return Grant(0, open_until - beat)
    ours = _where(name, Provider.open_until == open_until).values(open_until=beat + REST)
    return Grant(_change(session, ours))


def note(session: Session, name: str, *, answers: Sequence[bool], beat: datetime) -> bool:
    """How calls went, in order; whether the provider is left alone from now on."""
    if not answers:
        return False
    failed = answers[::-1].index(True) if True in answers else len(answers)
    if failed < len(answers):
        changed = or_(Provider.failures != failed, Provider.open_until.is_not(None))
        _change(session, _where(name, changed).values(failures=failed, open_until=None))
    else:
        _change(session, _where(name).values(failures=Provider.failures + failed))
    over = or_(Provider.open_until.is_(None), Provider.open_until <= beat)
    return bool(
        failed and _change(session, _where(name, over, Provider.failures >= FAILURES).values(open_until=beat + REST))
    )


def states(session: Session, *, beat: datetime) -> list[State]:
    """All providers that were ever called."""
    rows = session.execute(select(Provider.name, Provider.failures, Provider.open_until).order_by(Provider.name))
    return [State(name, failures, until is not None and until > beat) for name, failures, until in rows]


def _open_until(session: Session, name: str) -> datetime | None:
    """Until when it is left alone, from a row that is there afterwards."""
    row = session.execute(select(Provider.open_until).where(Provider.name == name)).one_or_none()
    if row is not None:
        return row[0]
    try:
        with session.begin_nested():
            session.add(Provider(name=name))
    except IntegrityError:
        pass  # another process was faster
    return None


def _count(session: Session, name: str, wanted: int, limit: int, beat: datetime) -> int:
    """Take calls of this second, the rest of it where it has no room for all; how many."""
    second = int(beat.timestamp())
    new = or_(Provider.second < second, Provider.second > second + AHEAD)
    number = min(wanted, limit)
    if _room(session, name, number, limit, new, second):
        return number
    number = limit - session.scalars(select(Provider.taken).where(Provider.name == name)).one()
    return number if number > 0 and _room(session, name, number, limit, new, second) else 0


def _room(session: Session, name: str, number: int, limit: int, new: ColumnElement[bool], second: int) -> int:
    room = _where(name, or_(new, Provider.taken + number <= limit))
    # MariaDB assigns from left to right: the calls are counted before the second moves on.
    values = (
        (Provider.taken, case((new, number), else_=Provider.taken + number)),
        (Provider.second, case((new, second), else_=Provider.second)),
    )
    return _change(session, room.ordered_values(*values))


def _where(name: str, *conditions: ColumnElement[bool]) -> Update:
    statement = update(Provider).where(Provider.name == name, *conditions)
    return statement.execution_options(synchronize_session=False)


def _change(session: Session, statement: Update) -> int:
    result = session.execute(statement)
    return int(result.rowcount)  # type: ignore[attr-defined]  # an UPDATE's CursorResult
