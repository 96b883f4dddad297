"""Sweeps of the tip line: batches, old keys, and writes that mean nothing. None of them is counted or logged."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.notifications import staff as inbox
from backend.runtime import Runtime
from backend.tips import covering, days, desk, digest, escalating, releasing, shredding
from backend.tips.digest import Counts

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
    at.db.empty_log()
    return 0


def _all(runtime: Runtime, command: Callable[..., int], *, limit: int, **arguments: Any) -> None:
    """Run it until it finds less than a full piece."""
    while runtime.tips.db.transact(command, limit=limit, **arguments) == limit:
        pass


def escalate(runtime: Runtime) -> int:
    """Raise the flag of the city-level oversight where a day was missed."""
    return runtime.tips.db.transact(escalating.flag, day=runtime.tips.today)


def tell(runtime: Runtime) -> int:
    """Once a day at the fixed hour: how much waits for each investigator. Killed in between, it tells nobody twice."""
    at, now = runtime.tips, runtime.clock()
    with at.db.reading() as session:
        if not digest.due(session, calendar=runtime.calendar, hour=at.line.digest_hour, now=now):
            return 0
    release(runtime)
    with at.db.reading() as session:
        found = digest.counts(session, day=at.today)
    runtime.db.transact_once(_tell, found=found, day=at.today.isoformat(), now=now)
    at.db.transact(digest.written, day=at.today)
    return 0


def _tell(session: Session, *, found: list[Counts], day: str, now: datetime) -> None:
    """Whoever still is an investigator of the same place; the same day is told once."""
    offices = accounts.at_work(session, role=desk.ROLE, staff_ids=[one.staff_id for one in found])
    for one in found:
        if offices.get(one.staff_id) == one.region:
            facts = {"waiting": one.waiting, "overdue": one.overdue}
            inbox.tell(session, staff_id=one.staff_id, kind=digest.KIND, event=day, facts=facts, now=now)
