"""Taking due work out of the outbox: lease, then finish, retry or give up, only while the lease is still ours.

Two clocks: ``now`` is the product's (what is due), ``beat`` the machine's (how long a lease really
lasts), because the product's clock can be moved. Every write asks for the lease token, so a worker
that was too slow, or was believed dead, changes nothing any more.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, delete, func, select, union_all, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from backend.events.uncounted import COUNTED
from backend.kernel.errors import Collision
from backend.models.outbox import Outbox

BATCH = 500
#: A row whose worker died this often is what kills the worker.
CRASHES = 20
HELD = ("leased", "sending")
#: What a row's error begins with while nobody knows whether its call was made.
IN_DOUBT = "in doubt"
#: What a worker learns of a row.
_LOOK = (
    Outbox.id,
    Outbox.topic,
    Outbox.subject_id,
    Outbox.reference,
    Outbox.dedupe_key,
    Outbox.attempts,
    Outbox.created_at,
    Outbox.last_error,
)


class LeaseLost(Exception):
    """The lease ran out or someone else has finished the row: nothing of this transaction may stay."""


@dataclass(frozen=True, slots=True)
class Leased:
    """One row in our hands until ``until`` (the machine's clock); ``attempts`` counts this one, from 1.

    ``doubt``: an earlier call may have been made: its worker died, or no answer to it was understood.
    """

    id: int
    topic: str
    subject_id: int
    reference: str
    dedupe_key: str
    attempts: int
    created_at: datetime
    token: str
    until: datetime
    doubt: bool = False


def due_topics(session: Session, *, topics: Collection[str], now: datetime, beat: datetime) -> set[str]:
    """The topics with due rows or expired leases; one index probe per topic, whatever the backlog."""
    probes = [
        select(
            select(Outbox.topic)
            .where(Outbox.topic == topic, Outbox.status == "due", Outbox.due_at <= now)
            .limit(1)
            .subquery()
        )
        for topic in topics
    ]
    expired = select(Outbox.topic).where(Outbox.status.in_(HELD), Outbox.lease_until < beat).distinct()
    found = set(session.scalars(expired))
    if probes:
        found |= set(session.scalars(union_all(*probes)))
    return found & set(topics)


def lease(
    session: Session, *, topic: str, now: datetime, beat: datetime, seconds: float, limit: int = BATCH
) -> list[Leased]:
    """Up to ``limit`` due rows, oldest first. SKIP LOCKED keeps MariaDB's workers from waiting for each other."""
    token, until = secrets.token_hex(16), beat + timedelta(seconds=seconds)
    due = (Outbox.topic == topic, Outbox.status == "due", Outbox.due_at <= now)
    oldest = select(*_LOOK).where(*due).order_by(Outbox.due_at, Outbox.id).limit(limit)
    rows = session.execute(oldest.with_for_update(skip_locked=True)).all()
    if not rows:
        return []
    held = {"status": "leased", "lease_token": token, "lease_until": until, "attempts": Outbox.attempts + 1}
    taken = _change(session, _where([row.id for row in rows], Outbox.status == "due").values(held))
    if taken != len(rows):
        raise Collision  # an engine that ignored our locks: take them again
    return [_leased(row, token, until) for row in rows]


def _leased(row: Any, token: str, until: datetime) -> Leased:
    doubt = (row.last_error or "").startswith(IN_DOUBT)
    key, tries = row.dedupe_key, row.attempts + 1
    return Leased(
        row.id, row.topic, row.subject_id, row.reference, key, tries, row.created_at, token, until, doubt=doubt
    )


def mark_sending(session: Session, rows: Sequence[Leased]) -> None:
    """Before a call that the receiver cannot dedupe: whoever finds this mark knows it may have been made."""
    changed = _change(session, _held(rows).values(status="sending"))
    if changed != len(rows):
        raise LeaseLost


def finish(session: Session, rows: Sequence[Leased], *, now: datetime) -> int:
    """Done; the number of rows that were still ours."""
    return _change(
        session,
        _held(rows).values(status="done", done_at=now, lease_token=None, lease_until=None, last_error=None),
    )


def take(session: Session, rows: Sequence[Leased], *, now: datetime) -> None:
    """Finish rows in the transaction that does their work, or raise ``LeaseLost``: effect and mark are one commit."""
    if finish(session, rows, now=now) != len(rows):
        raise LeaseLost


def forget(session: Session, rows: Sequence[Leased]) -> None:
    """Delete rows whose work was done in this transaction, where even a finished one would tell too much."""
    session.execute(delete(Outbox).where(Outbox.id.in_([row.id for row in rows]), Outbox.status == "done"))


def retry(session: Session, row: Leased, *, error: str, intervals: Sequence[float], now: datetime) -> bool:
    """Due again after the next interval (seconds, ± 20 %); False when they are used up and the row is dead."""
    if row.attempts > len(intervals):
        dead(session, row, error=error)
        return False
    wait = intervals[row.attempts - 1] * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret
    _change(session, _held([row]).values(**_due(error), due_at=now + timedelta(seconds=wait)))
    return True


def dead(session: Session, row: Leased, *, error: str) -> None:
    """Given up: a person sees it (``flask outbox dead``) and may replay it."""
    _change(session, _held([row]).values(**_dead(error)))


def release(session: Session, rows: Sequence[Leased]) -> None:
    """Not tried after all (time is up, the worker stops): due at once, and the attempt does not count."""
    if rows:
        values = {"status": "due", "lease_token": None, "lease_until": None, "attempts": Outbox.attempts - 1}
        _change(session, _held(rows).values(values))


def postpone(session: Session, row: Leased, *, due_at: datetime) -> None:
    """Not tried, because it is not its time (night, a provider at rest): the attempt does not count."""
    values = {"status": "due", "lease_token": None, "lease_until": None, "attempts": Outbox.attempts - 1}
    _change(session, _held([row]).values(values | {"due_at": due_at}))


def resolve(session: Session, row: Leased) -> None:
    """In doubt no more: it was not taken, and may be tried again at once; asking was no try."""
    values = {"status": "due", "lease_token": None, "lease_until": None, "attempts": Outbox.attempts - 1}
    _change(session, _held([row]).values(values | {"last_error": None}))


def recover(session: Session, *, topic: str, beat: datetime, again: bool) -> int:
    """Rows of workers that died. ``again=False``: what was being sent stays for a person to decide; else it comes
    back with ``doubt``."""
    expired = (Outbox.topic == topic, Outbox.lease_until < beat)
    crashed = _dead("the worker died each time")
    _change(session, _update(*expired, Outbox.status.in_(HELD), Outbox.attempts >= CRASHES).values(**crashed))
    doubt = (_due if again else _dead)(f"{IN_DOUBT}: the worker died while sending")
    sending = _change(session, _update(*expired, Outbox.status == "sending").values(**doubt))
    # A row in doubt whose next worker died before it asked is still in doubt: its error stays.
    held = _due("the worker died") | {"last_error": func.coalesce(Outbox.last_error, "the worker died")}
    return (sending if again else 0) + _change(session, _update(*expired, Outbox.status == "leased").values(**held))


def purge(session: Session, *, before: datetime, limit: int) -> int:
    """Delete rows that were done before a moment, oldest first; the number deleted."""
    ids = session.scalars(
        select(Outbox.id).where(Outbox.status == "done", Outbox.done_at < before).order_by(Outbox.done_at).limit(limit)
    ).all()
    if ids:
        session.execute(delete(Outbox).where(Outbox.id.in_(ids)))
    return len(ids)


def replay(session: Session, *, now: datetime, topic: str | None = None, row: int | None = None) -> int:
    """Dead rows due again from the first attempt; the number of them.

    People's own reminders go with everything only, and uncounted.
    """
    chosen, again = [Outbox.status == "dead"], {"status": "due", "due_at": now, "attempts": 0}
    if topic is not None:
        chosen.append(Outbox.topic == topic)
    if row is not None:
        chosen.append(Outbox.id == row)
    count = _change(session, _update(*chosen, COUNTED).values(again))
    if topic is None and row is None:
        _change(session, _update(*chosen).values(again))
    return count


def _due(error: str) -> dict[str, object]:
    return {"status": "due", "lease_token": None, "lease_until": None, "last_error": error[:255]}


def _dead(error: str) -> dict[str, object]:
    return {"status": "dead", "lease_token": None, "lease_until": None, "last_error": error[:255]}


def _update(*conditions: ColumnElement[bool]) -> Update:
    return update(Outbox).where(*conditions).execution_options(synchronize_session=False)


def _where(ids: Sequence[int], *conditions: ColumnElement[bool]) -> Update:
    return _update(Outbox.id.in_(ids), *conditions)


def _held(rows: Sequence[Leased]) -> Update:
    """Rows of one lease, as far as it still holds."""
    return _where([row.id for row in rows], Outbox.lease_token == rows[0].token, Outbox.status.in_(HELD))


def _change(session: Session, statement: Update) -> int:
    result = session.execute(statement)
    return int(result.rowcount)  # type: ignore[attr-defined]  # an UPDATE's CursorResult
