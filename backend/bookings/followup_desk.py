"""The station's side of follow-ups: what was sent, newest first, and nothing about who was asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.bookings import jurisdiction
from backend.bookings.jurisdiction import Nurse
from backend.bookings.questions import follow_ups
from backend.kernel.clock import today
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.models.checkup import FollowUpAnswer


@dataclass(frozen=True, slots=True)
class Sent:
    """One answer. ``name`` and ``contact``: only what she wrote herself."""

    id: int
    station: str
    kind: str
    answers: list[tuple[str, str]] = field(repr=False)
    name: str = field(repr=False)
    contact: str = field(repr=False)
    answered_on: date
    seen: bool


def listing(session: Session, vault: Vault, *, nurse: Nurse, limit: int, before: int | None = None) -> list[Sent]:
    """The answers sent to the nurse's stations, newest first; one more than ``limit`` when there are more."""
    names = {row.code: row.name for row in jurisdiction.stations(session, nurse)}
    query = select(FollowUpAnswer).where(FollowUpAnswer.station.in_(names))
    if before is not None:
        query = query.where(FollowUpAnswer.id < before)
    rows = session.scalars(query.order_by(FollowUpAnswer.id.desc()).limit(limit + 1))
    return [_sent(vault, row, names[row.station]) for row in rows]


def see(session: Session, *, nurse: Nurse, answer_id: int, now: datetime) -> None:
    """Somebody has read it; the first one counts."""
    names = [row.code for row in jurisdiction.stations(session, nurse)]
    theirs = (FollowUpAnswer.id == answer_id, FollowUpAnswer.station.in_(names))
    if session.scalar(select(FollowUpAnswer.id).where(*theirs)) is None:
        raise NotFound("not_found", N_("没有找到这份回答"))
    session.execute(update(FollowUpAnswer).where(*theirs, FollowUpAnswer.seen_at.is_(None)).values(seen_at=now))


def purge(session: Session, *, now: datetime, limit: int) -> int:
    """Destroy answers whose year is over; how many."""
    due = session.scalars(select(FollowUpAnswer.id).where(FollowUpAnswer.purge_at <= now).limit(limit)).all()
    session.execute(delete(FollowUpAnswer).where(FollowUpAnswer.id.in_(due)))
    return len(due)


def _sent(vault: Vault, row: FollowUpAnswer, station: str) -> Sent:
    content = json.loads(vault.open(row.content, place("follow_up_answer", "content", row.id)))
    kind = follow_ups().kinds.get(row.kind)
    return Sent(
        id=row.id,
        station=station,
        kind=kind.name if kind else row.kind,
        answers=[(one["question"], one["answer"]) for one in content["answers"]],
        name=content["name"],
        contact=content["contact"],
        answered_on=today(row.answered_at),
        seen=row.seen_at is not None,
    )
