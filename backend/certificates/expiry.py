"""Certificates that come near their end: their holders are reminded 30 and 7 days before, once each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, and_, or_, select, update
from sqlalchemy.orm import Session

from backend.certificates import policy
from backend.events import outbox
from backend.kernel.clock import today
from backend.models.certificate import Certificate

TOPIC = "certificate_expiring"
BATCH = 200


@dataclass(frozen=True, slots=True)
class Ending:
    """What the message says, and to whom."""

    resident_id: int
    application_id: int
    number: str
    title: str
    expires_on: date


def remind(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Leave the message of the nearest period behind; a period that was slept through is not made up for.

    How many certificates were marked: those whose time is too short for a period count as told.
    """
    found = session.execute(_near(today(now)).limit(limit)).all()
    for certificate_id, told, issued_on, expires_on in found:
        left = (expires_on - today(now)).days
        days = min(each for each in policy.REMIND if left <= each)
        if _first(session, certificate_id, told, days) and days in policy.reminders(issued_on, expires_on):
            key = f"{TOPIC}:{certificate_id}:{days}"
            outbox.add(session, topic=TOPIC, subject_id=certificate_id, dedupe_key=key, now=now)
    return len(found)


def _near(day: date) -> Any:
    """Valid ones within a period that they were not reminded in: (id, told, issued on, expires on)."""
    within = [
        and_(
            Certificate.expires_on <= day + timedelta(days=days),
            or_(Certificate.expiry_told.is_(None), Certificate.expiry_told > days),
        )
        for days in policy.REMIND
    ]
    columns = (Certificate.id, Certificate.expiry_told, Certificate.issued_on, Certificate.expires_on)
    # The first bound is said for the index alone.
    last = day + timedelta(days=max(policy.REMIND))
    valid = (Certificate.expires_on.between(day, last), Certificate.revoked_at.is_(None))
    return select(*columns).where(*valid, or_(*within)).order_by(Certificate.expires_on, Certificate.id)


def _first(session: Session, certificate_id: int, told: int | None, days: int) -> bool:
    """Whether it is ours to remind: another sweep may have been faster."""
    before = Certificate.expiry_told.is_(None) if told is None else Certificate.expiry_told == told
    mark = update(Certificate).where(Certificate.id == certificate_id, before).values(expiry_told=days)
    done = session.execute(mark, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", done).rowcount == 1


def ending(session: Session, *, certificate_id: int, now: datetime) -> Ending | None:
    """A certificate that still holds and that no later one of its kind replaces."""
    row = session.get(Certificate, certificate_id)
    if row is None or row.expires_on is None or _status(row, now) != policy.VALID:
        return None
    later = select(Certificate.id).where(
        Certificate.resident_id == row.resident_id,
        Certificate.type == row.type,
        Certificate.expires_on > row.expires_on,
        Certificate.revoked_at.is_(None),
    )
    if session.scalar(later.limit(1)) is not None:
        return None
    return Ending(row.resident_id, row.application_id, row.number, row.title, row.expires_on)


def _status(row: Certificate, now: datetime) -> str:
    return policy.status(revoked_at=row.revoked_at, expires_on=row.expires_on, today=today(now))
