"""Sweeps of the wait-list and of withdrawn slots, and what couples are told of them.

Each offer, each end of one, and each release is a transaction of its own: it locks one slot and its counters.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.bookings import matching, moving, offer_messages, offers, returns, waitlist
from backend.events.leasing import Leased
from backend.runtime import Runtime
from workers import telling
from workers.housekeeping import sweep
from workers.kinds import together


def offer_seats(runtime: Runtime) -> int:
    """Offers that ran out go on, waiting that is over ends, and what is free is offered to the line."""
    now = runtime.clock()
    done = _end_offers(runtime, now) + _move(runtime, now) + sweep(runtime, waitlist.end_over, now=now)
    with runtime.db.reading() as session:
        codes = matching.stations(session)
    for code in codes:
        while runtime.db.transact(matching.match, station=code, now=now):
            done += 1
    return done


def release_seats(runtime: Runtime) -> int:
    """Seats that nobody waits for go back to everybody when their rest is over."""
    now = runtime.clock()
    with runtime.db.reading() as session:
        due = returns.due(session, now=now)
    return sum(runtime.db.transact(returns.release, return_id=row_id, now=now) for row_id in due)


def purge(runtime: Runtime) -> int:
    return sweep(runtime, waitlist.purge, now=runtime.clock())


def _end_offers(runtime: Runtime, now: datetime) -> int:
    with runtime.db.reading() as session:
        due = offers.due(session, now=now, limit=500)
    return sum(runtime.db.transact(offers.end_due, offer_id=offer_id, how=how, now=now) for offer_id, how in due)


def _move(runtime: Runtime, now: datetime) -> int:
    """Withdrawn bookings: those whose hour came end, the others get an offer."""
    with runtime.db.reading() as session:
        late, due = moving.unmoved(session, now=now), moving.due(session, now=now)
    closed = sum(runtime.db.transact(moving.close, booking_id=booking_id, now=now) for booking_id in late)
    return closed + sum(runtime.db.transact(moving.offer, booking_id=booking_id, now=now) for booking_id in due)


def say(session: Session, runtime: Runtime, row: Leased, now: datetime) -> None:
    """Both of a couple, each in the own inbox; nobody when it is no longer so."""
    phone = runtime.settings.phone
    found = offer_messages.facts(session, topic=row.topic, subject_id=row.subject_id, phone=phone, now=now)
    if found is None:
        return
    for resident_id in found.residents:
        telling.tell(
            session,
            runtime,
            row,
            resident_id=resident_id,
            facts=found.params,
            not_after=found.not_after,
            now=now,
        )


tell = together(say)
