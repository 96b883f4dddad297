"""Sweeps: each finds what is due, in pieces per transaction, until nothing is left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from backend.accounts import absence, housekeeping as accounts
from backend.applications import bulk, correction_due, digest, due, hands, supplies, visits
from backend.benefits import campaigns
from backend.documents import housekeeping as files, service as documents
from backend.events import leasing, once
from backend.kernel.clock import system_clock, today
from backend.notifications import deliveries, history, receipts, staff as inbox
from backend.notifications.wechat import events as wechat_events
from backend.runtime import Runtime

PIECE = 200
#: How long done work can still be looked at.
KEPT = timedelta(days=14)
#: How long a clerk can look up what became of the cases of a bulk act.
BULK_KEPT = timedelta(days=30)
#: How long a receipt may still say that a message never arrived, or a person try a dead one again.
WORDS_KEPT = timedelta(days=7)
#: Only this far back is looked: a sweep that was missed for longer leaves the words to the end of the record.
WORDS_LOOKED_BACK = timedelta(days=60)
#: A receipt that came before its message was written down finds it within seconds.
RECEIPTS_KEPT = timedelta(days=1)
#: A phone that was switched off over a holiday may still repeat its last request.
REPEATABLE = timedelta(days=14)


def sweep(runtime: Runtime, command: Callable[..., int], *, piece: int = PIECE, **arguments: Any) -> int:
    """Run ``command(session, *, limit, …)`` until it finds less than a full piece; the sum."""
    total = 0
    while True:
        done = runtime.db.transact(command, limit=piece, **arguments)
        total += done
        if done < piece:
            return total


def release_claims(runtime: Runtime) -> int:
    return sweep(runtime, due.release_claims, now=runtime.clock())


def reroute(runtime: Runtime) -> int:
    return sweep(runtime, due.reroute, now=runtime.clock())


def free_stuck(runtime: Runtime) -> int:
    """Cases that nobody of their office may act on."""
    return sweep(runtime, hands.free_stuck, now=runtime.clock())


def come_back(runtime: Runtime) -> int:
    """Clerks whose days off are over."""
    now = runtime.clock()
    return sweep(runtime, absence.come_back, today=today(now), now=now)


def write_digests(runtime: Runtime) -> int:
    """The morning's figures of every clerk; how many clerks were looked at."""
    total = 0
    while done := runtime.db.transact(digest.write, calendar=runtime.calendar, now=runtime.clock()):
        total += done
    return total


def purge_staff_messages(runtime: Runtime) -> int:
    return sweep(runtime, inbox.purge, before=runtime.clock() - inbox.KEPT)


def forget_words(runtime: Runtime) -> int:
    """Words that were kept for another channel or another try, once nobody will ask for either."""
    before = runtime.clock() - WORDS_KEPT
    return sweep(runtime, deliveries.forget_words, since=before - WORDS_LOOKED_BACK, before=before)


def purge_deliveries(runtime: Runtime) -> int:
    return sweep(runtime, history.purge, before=runtime.clock() - history.KEPT)


def warn_deadlines(runtime: Runtime) -> int:
    return sweep(runtime, due.warn_deadlines, calendar=runtime.calendar, now=runtime.clock())


def escalate_deadlines(runtime: Runtime) -> int:
    return sweep(runtime, due.escalate_deadlines, now=runtime.clock())


def lapse_corrections(runtime: Runtime) -> int:
    return sweep(runtime, due.lapse_corrections, now=runtime.clock())


def remind_corrections(runtime: Runtime) -> int:
    return sweep(runtime, correction_due.remind, calendar=runtime.calendar, now=runtime.clock())


def move_consents(runtime: Runtime) -> int:
    return sweep(runtime, correction_due.move_consents, now=runtime.clock())


def warn_drafts(runtime: Runtime) -> int:
    return sweep(runtime, due.warn_drafts, now=runtime.clock())


def remind_drafts(runtime: Runtime) -> int:
    return sweep(runtime, due.remind_drafts, now=runtime.clock())


def expire_drafts(runtime: Runtime) -> int:
    return sweep(runtime, due.expire_drafts, now=runtime.clock())


def purge_accounts(runtime: Runtime) -> int:
    """Codes, counters, ended sessions, old exports: a thousand of each per turn."""
    return runtime.db.transact(accounts.purge, now=runtime.clock(), at=system_clock())


def purge_documents(runtime: Runtime) -> int:
    """Rows first, files after the commit: what is left by a crash in between is an orphan, found hourly."""
    keys = runtime.db.transact(documents.purge_due, now=runtime.clock())
    return files.delete(runtime.storage, keys)


def remove_orphans(runtime: Runtime) -> int:
    def without_row(keys: list[str]) -> list[str]:
        with runtime.db.reading() as session:
            return files.unknown(session, keys)

    return files.orphans(runtime.storage, without_row)


def purge_outbox(runtime: Runtime) -> int:
    return sweep(runtime, leasing.purge, before=runtime.clock() - KEPT)


def remind_visits(runtime: Runtime) -> int:
    return sweep(runtime, visits.remind, now=runtime.clock())


def purge_collections(runtime: Runtime) -> int:
    return sweep(runtime, supplies.purge, now=runtime.clock())


def follow_up_confirmations(runtime: Runtime) -> int:
    """Two reminders on silence, then the offer of a call or a visit."""
    return sweep(runtime, campaigns.remind, now=runtime.clock())


def purge_keys(runtime: Runtime) -> int:
    """Idempotency keys."""
    return sweep(runtime, once.purge, before=runtime.clock() - REPEATABLE)


def settle_early_receipts(runtime: Runtime) -> int:
    """Receipts that came before their message had its name; those of the day before are of no message of ours."""
    before = system_clock() - RECEIPTS_KEPT
    sweep(runtime, receipts.forget, before=before)
    return sweep(runtime, receipts.catch_up, vault=runtime.vault, now=runtime.clock())


def purge_wechat_events(runtime: Runtime) -> int:
    """What WeChat pushed a day ago is not pushed again."""
    return runtime.db.transact(wechat_events.forget, beat=system_clock())


def purge_bulk(runtime: Runtime) -> int:
    return sweep(runtime, bulk.purge, before=runtime.clock() - BULK_KEPT)
