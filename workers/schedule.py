"""Declared periodic work, run by whichever relay comes first.

Each line is a command that finds its due rows itself and may be run at any time and any number of
times. The row in ``periodic_work`` keeps two relays from doing the same at once; were both to do it,
nothing would happen twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.kernel.clock import system_clock
from backend.kernel.errors import Unavailable
from backend.models.outbox import PeriodicWork
from backend.runtime import Runtime
from workers import (
    booking_day,
    bookings,
    certificates,
    followups,
    housekeeping,
    notices,
    reminders,
    retention,
    tips,
    waitlist,
)
from workers.days import sign_days
from workers.drain import describe

logger = logging.getLogger("workers.schedule")


@dataclass(frozen=True, slots=True)
class Periodic:
    """``run(runtime)`` every ``every`` of the machine's clock; it gives the number of things it did.

    ``counted``: whether a log may say that number (people's own reminders are not counted, PRODUCT §2.2).
    """

    name: str
    every: timedelta
    run: Callable[[Runtime], int]
    counted: bool = True


SECOND = timedelta(seconds=1)

SCHEDULE: tuple[Periodic, ...] = (
    Periodic("claims", 10 * SECOND, housekeeping.release_claims),
    Periodic("routing", 15 * SECOND, housekeeping.reroute),
    Periodic("absences", 60 * SECOND, housekeeping.come_back),
    Periodic("stuck_cases", 300 * SECOND, housekeeping.free_stuck),
    Periodic("digests", 60 * SECOND, housekeeping.write_digests),
    Periodic("staff_messages", 3600 * SECOND, housekeeping.purge_staff_messages),
    Periodic("deliveries", 3600 * SECOND, housekeeping.purge_deliveries),
    Periodic("delivery_words", 86400 * SECOND, housekeeping.forget_words),
    Periodic("deadline_warnings", 30 * SECOND, housekeeping.warn_deadlines),
    Periodic("deadline_escalations", 30 * SECOND, housekeeping.escalate_deadlines),
    Periodic("corrections", 60 * SECOND, housekeeping.lapse_corrections),
    Periodic("correction_reminders", 60 * SECOND, housekeeping.remind_corrections),
    Periodic("consents", 60 * SECOND, housekeeping.move_consents),
    Periodic("draft_warnings", 60 * SECOND, housekeeping.warn_drafts),
    Periodic("draft_reminders", 60 * SECOND, housekeeping.remind_drafts),
    Periodic("certificate_reminders", 60 * SECOND, certificates.remind),
    Periodic("draft_expiry", 60 * SECOND, housekeeping.expire_drafts),
    Periodic("accounts", 60 * SECOND, housekeeping.purge_accounts),
    Periodic("documents", 60 * SECOND, housekeeping.purge_documents),
    Periodic("orphans", 3600 * SECOND, housekeeping.remove_orphans),
    Periodic("slots", 3600 * SECOND, bookings.make_slots),
    Periodic("old_slots", 86400 * SECOND, bookings.forget_slots),
    Periodic("holds", 10 * SECOND, bookings.expire_holds),
    # Holds, then the wait-list, then everybody: a seat that comes back reaches who waits first.
    Periodic("waitlist", 10 * SECOND, waitlist.offer_seats),
    Periodic("seat_returns", 10 * SECOND, waitlist.release_seats),
    Periodic("old_waiting", 3600 * SECOND, waitlist.purge),
    Periodic("booking_days", 60 * SECOND, booking_day.close_days),
    Periodic("old_bookings", 3600 * SECOND, booking_day.erase_bookings),
    Periodic("follow_ups", 300 * SECOND, followups.ask, counted=False),
    Periodic("follow_ups_over", 3600 * SECOND, followups.end, counted=False),
    Periodic("own_dates", 60 * SECOND, reminders.fan_out, counted=False),
    Periodic("tip_batches", 60 * SECOND, tips.release, counted=False),
    Periodic("tip_days", 3600 * SECOND, tips.forget_days, counted=False),
    Periodic("tip_shredding", 60 * SECOND, tips.shred, counted=False),
    Periodic("tip_deadlines", 600 * SECOND, tips.escalate, counted=False),
    Periodic("tip_digests", 60 * SECOND, tips.tell, counted=False),
    Periodic("tip_cover", 60 * SECOND, tips.cover, counted=False),
    Periodic("visits", 60 * SECOND, housekeeping.remind_visits),
    Periodic("collections", 3600 * SECOND, housekeeping.purge_collections),
    Periodic("notice_page", 60 * SECOND, notices.look),
    Periodic("notice_extensions", 60 * SECOND, notices.extend),
    Periodic("notices", 20 * SECOND, notices.conclude),
    Periodic("days", 600 * SECOND, sign_days),
    Periodic("retention", 600 * SECOND, retention.destroy_cases),
    Periodic("leftovers", 3600 * SECOND, retention.purge_leftovers),
    Periodic("papers", 86400 * SECOND, retention.remove_papers),
    Periodic("confirmations", 300 * SECOND, housekeeping.follow_up_confirmations),
    Periodic("outbox", 600 * SECOND, housekeeping.purge_outbox),
    Periodic("bulk_acts", 3600 * SECOND, housekeeping.purge_bulk),
    Periodic("keys", 600 * SECOND, housekeeping.purge_keys),
    Periodic("early_receipts", 10 * SECOND, housekeeping.settle_early_receipts),
    Periodic("wechat_events", 3600 * SECOND, housekeeping.purge_wechat_events),
)


class Schedule:
    """What this relay knows of the next times, so that a round without due work asks nothing of the database."""

    def __init__(self, runtime: Runtime, work: tuple[Periodic, ...] = SCHEDULE) -> None:
        self._runtime = runtime
        self._work = work
        self._next: dict[str, datetime] = {}

    def run(self, *, everything: bool = False) -> None:
        """Run what is due; ``everything`` because the product's clock has moved."""
        for work in self._work:
            now = system_clock()
            if everything or self._next.get(work.name, now) <= now:
                self._next[work.name] = now + work.every
                if self._runtime.db.transact(claim, work=work, now=now, early=everything):
                    self._run(work)

    def _run(self, work: Periodic) -> None:
        error = None
        try:
            done = work.run(self._runtime)
        except Unavailable:
            raise
        except Exception as failure:  # noqa: BLE001 - the other work goes on; the row says what went wrong
            error = describe(failure)
            logger.error("%s failed: %s", work.name, error)
        else:
            if done and work.counted:
                logger.info("%s: %s", work.name, done)
            if done:
                self._runtime.wake(work.name)
        self._runtime.db.transact(note, name=work.name, now=system_clock(), error=error)


def claim(session: Session, *, work: Periodic, now: datetime, early: bool) -> bool:
    """Whether it is ours to run now: one conditional UPDATE; the first time, one INSERT."""
    due = update(PeriodicWork).where(PeriodicWork.name == work.name)
    if not early:
        due = due.where(PeriodicWork.next_at <= now)
    result = session.execute(due.values(next_at=now + work.every))
    if result.rowcount:  # type: ignore[attr-defined]  # an UPDATE's CursorResult
        return True
    if session.scalar(select(PeriodicWork.name).where(PeriodicWork.name == work.name)):
        return False
    try:
        with session.begin_nested():
            session.add(PeriodicWork(name=work.name, next_at=now + work.every))
    except IntegrityError:
        return False
    return True


def note(session: Session, *, name: str, now: datetime, error: str | None) -> None:
    """When it last ran and what went wrong."""
    session.execute(update(PeriodicWork).where(PeriodicWork.name == name).values(ran_at=now, last_error=error))
