"""Sending what leaves the house, a chunk at a time: marked ``sending`` in one transaction, called side by side with
none open, recorded in one.

No provider dedupes. A worker that dies between call and record leaves its chunk in doubt, and so does an answer that
never came: then the provider is asked (SMS), or waits for WeChat's own event; nothing is ever sent twice blindly.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from backend.events import leasing
from backend.events.leasing import Leased, LeaseLost
from backend.gateways.sms import Fate, Short
from backend.kernel.clock import system_clock
from backend.kernel.errors import Unavailable
from backend.notifications import costs, discreet, outgoing, providers
from backend.notifications.deliveries import Parcel
from backend.notifications.kinds import SMS, WECHAT
from backend.runtime import Runtime
from workers import wechat_messages
from workers.kinds import Failures, Later, OutOfTime, in_time
from workers.records import NeverCame, StillUnknown, Tried, answered, record

logger = logging.getLogger("workers.deliveries")

#: Rows of one mark and one record: at most so many are in doubt when a worker dies.
CHUNK = 40
THREADS = 16
#: Seconds in which calls are begun: the queue has other work, and the sign-in code of somebody who waits.
STINT = 2.0
#: Seconds of the lease that a call may take at most; none is begun with less.
LONGEST_CALL = 12.0
#: Failures in a row after which the rest of a chunk is left alone: at its beginning, and after a call that went well.
AT_FIRST, AFTERWARDS = providers.FAILURES, THREADS
#: Seconds between tries to write down what was sent while the database is away.
RECORD_AGAIN = 0.5


def _sms(runtime: Runtime, parcel: Parcel, row: Leased) -> str:
    said = parcel.said
    message = Short(
        to=parcel.to,
        template=parcel.kind,
        text=said["text"],
        key=row.dedupe_key,
        sent_at=runtime.clock(),
        params=tuple(said["params"]),
        language=said.get("language", "zh"),
    )
    return runtime.sms.send(message)


CALLS: dict[str, Callable[[Runtime, Parcel, Leased], str]] = {SMS: _sms, WECHAT: wechat_messages.send}


@dataclass(slots=True)
class Stint:
    """How it goes so far, shared by the threads of one turn; counting without a lock may be one off: no harm."""

    until: float = field(default_factory=lambda: time.monotonic() + STINT)
    failed: int = 0
    went_well: bool = False

    @property
    def over(self) -> bool:
        hopeless = self.failed >= (AFTERWARDS if self.went_well else AT_FIRST)
        return hopeless or time.monotonic() > self.until

    def note(self, well: bool) -> None:
        self.failed = 0 if well else self.failed + 1
        self.went_well = self.went_well or well


def send(runtime: Runtime, rows: Sequence[Leased]) -> Failures:
    """Rows of one channel; each is finished, put off or given up here, and what is left goes back untried."""
    failures: Failures = {}
    stint = Stint()
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        failures |= {row.id: OutOfTime() for row in chunk} if stint.over else _chunk(runtime, chunk, stint)
    return failures


def _chunk(runtime: Runtime, rows: Sequence[Leased], stint: Stint) -> Failures:
    try:
        in_time(rows[0], LONGEST_CALL)
        parcels, failures = runtime.db.transact_once(_begin, runtime, rows)
    except Exception as error:  # noqa: BLE001 - one row's failure is written down, the others go on
        if isinstance(error, (Unavailable, OutOfTime, LeaseLost)) or len(rows) == 1:
            return {row.id: error for row in rows}
        alone = [_chunk(runtime, [row], stint) for row in rows]
        return {row_id: failure for each in alone for row_id, failure in each.items()}
    going = [row for row in rows if row.subject_id in parcels]
    tried = _try_all(runtime, going, parcels, stint)
    if tried and not _recorded(runtime, tried):
        return failures | {one.row.id: LeaseLost() for one in tried}
    return failures


def _begin(session: Session, runtime: Runtime, rows: Sequence[Leased]) -> tuple[dict[int, Parcel], Failures]:
    """Delivery id → what is sent now, marked so, and the rows that are put off; the others are finished."""
    now, beat, limits = runtime.clock(), system_clock(), runtime.settings.limits
    found = outgoing.sort(
        session,
        runtime.vault,
        delivery_ids=[row.subject_id for row in rows],
        doubtful=[row.subject_id for row in rows if row.doubt],
        per_day=limits.messages_per_person_day,
        now=now,
    )
    failures: Failures = {row.id: Later(found.later[row.subject_id]) for row in rows if row.subject_id in found.later}
    ready = [row for row in rows if row.subject_id in found.ready]
    over = [row for row in rows if row.id not in failures and row.subject_id not in found.ready]
    if over:
        leasing.take(session, over, now=now)
        discreet.forget_work(session, [row.id for row in over])
    ready = _paid_for(session, runtime, ready, found, now)
    if ready:
        channel = found.ready[ready[0].subject_id].channel
        limit = limits.sms_calls_second if channel == SMS else limits.wechat_calls_second
        grant = providers.take(session, channel, wanted=len(ready), limit=limit, beat=beat)
        failures |= {row.id: Later(now + grant.wait, rest=True) for row in ready[grant.calls :]}
        ready = ready[: grant.calls]
    if ready:
        leasing.mark_sending(session, ready)
    return {row.subject_id: found.ready[row.subject_id] for row in ready}, failures


def _paid_for(
    session: Session, runtime: Runtime, ready: Sequence[Leased], found: outgoing.Sorted, now: datetime
) -> list[Leased]:
    """The rows as long as the month has money for text messages; then only those that may have gone out already."""
    paid = [row for row in ready if row.doubt or found.ready[row.subject_id].channel != SMS]
    unpaid = [row for row in ready if row not in paid]
    if not unpaid or not costs.used_up(session, tariff=runtime.tariff, now=now):
        return list(ready)
    costs.turn_away(session, runtime.vault, delivery_ids=[row.subject_id for row in unpaid], now=now)
    leasing.take(session, unpaid, now=now)
    return paid


def _try_all(runtime: Runtime, rows: Sequence[Leased], parcels: dict[int, Parcel], stint: Stint) -> list[Tried]:
    """Every call, in the order in which they ended."""
    tried: list[Tried] = []

    def attempt(row: Leased) -> None:
        one = Tried(row, parcels[row.subject_id], system_clock(), _answer(runtime, parcels[row.subject_id], row, stint))
        if (well := answered(one)) is not None:
            stint.note(well)
        tried.append(one)

    if len(rows) < 2:
        for row in rows:
            attempt(row)
        return tried
    with ThreadPoolExecutor(min(THREADS, len(rows))) as pool:
        list(pool.map(attempt, rows))
    return tried


def _answer(runtime: Runtime, parcel: Parcel, row: Leased, stint: Stint) -> str | Exception:
    """The provider's name of the message, or what went wrong; no transaction is open."""
    try:
        if stint.over:
            raise OutOfTime
        in_time(row, LONGEST_CALL)
        ask = row.doubt and parcel.channel == SMS
        return _asked(runtime, parcel, row) if ask else CALLS[parcel.channel](runtime, parcel, row)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this row's, and is written down
        return error


def _asked(runtime: Runtime, parcel: Parcel, row: Leased) -> str:
    """What became of a text message in doubt."""
    fate = runtime.sms.fate(to=parcel.to, key=row.dedupe_key, since=parcel.created_at)
    if fate == Fate.UNKNOWN:
        raise StillUnknown
    if fate == Fate.NEVER_CAME:
        raise NeverCame
    return ""


def _recorded(runtime: Runtime, tried: Sequence[Tried]) -> bool:
    """Write down how it went, as long as the leases last: what is not written is in doubt."""
    while True:
        try:
            runtime.db.transact_once(record, runtime, tried)
        except Unavailable:
            if not _time_left(tried[0].row, system_clock()):
                return False
            time.sleep(RECORD_AGAIN)
        except Exception:  # a fault of ours after the call: asking is safe, sending again is not
            logger.exception("could not write down %s calls", len(tried))
            return False
        else:
            return True


def _time_left(row: Leased, beat: datetime) -> bool:
    return (row.until - beat).total_seconds() > 1
