"""The countable side of one case, as plain values: no name, no hash of a person, no clerk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.applications import corrections, deadlines
from backend.catalogue import queries as catalogue
from backend.kernel.clock import today
from backend.kernel.workdays import Calendar
from backend.lifecycles.application import LAPSED, ApplicationStatus as S
from backend.models.application import Application, ApplicationHistory
from backend.models.statistics import Rating

#: Days (from, to) in which the clock of a case stood still.
Interval = tuple[date, date]
OUTCOMES = {S.APPROVED: "approved", S.ISSUED: "approved", S.REJECTED: "rejected", S.WITHDRAWN: "withdrawn"}
#: Outcomes that an office brought about; only these have a time that was worked and a deadline that was kept.
DECIDED = ("approved", "rejected")


@dataclass(frozen=True, slots=True)
class Fact:
    """``worked_days``: working days from submission (or the last reopening) to the decision, pauses taken out."""

    application_id: int
    service_item: str
    village: str
    town: str
    county: str
    received_on: date
    decided_on: date | None
    outcome: str | None
    worked_days: int | None
    on_time: bool | None
    corrections: int
    score: int | None
    sequence: int


def of(session: Session, *, calendar: Calendar, application_id: int) -> Fact | None:
    """What counts of a case as it stands; ``None`` for drafts and for items that no office decides."""
    row = session.get(Application, application_id)
    if row is None or row.submitted_at is None:
        return None
    if not catalogue.definition(session, row.service_item, row.service_item_version).levels:
        return None
    sequence = row.audit_sequence
    outcome, decided_on = _outcome(row)
    by_office = outcome in DECIDED and decided_on is not None
    worked_days = _worked(session, calendar, row, decided_on) if by_office and decided_on else None
    return Fact(
        application_id=row.id,
        service_item=row.service_item,
        village=row.village,
        town=row.town,
        county=row.county,
        received_on=today(row.submitted_at),
        decided_on=decided_on,
        outcome=outcome,
        worked_days=worked_days,
        on_time=decided_on <= row.due_on if by_office and decided_on and row.due_on else None,
        corrections=len(corrections.sent(corrections.of(session, row.id))),
        score=session.scalar(select(Rating.score).where(Rating.application_id == row.id)),
        sequence=sequence,
    )


def numbered(session: Session, *, after: int, limit: int) -> list[int]:
    """Ids of submitted cases in order."""
    query = select(Application.id).where(Application.id > after, Application.number.is_not(None))
    return list(session.scalars(query.order_by(Application.id).limit(limit)))


def _outcome(row: Application) -> tuple[str | None, date | None]:
    outcome = LAPSED if row.ended_as == LAPSED else OUTCOMES.get(S(row.status))
    return (outcome, today(row.decided_at)) if outcome and row.decided_at else (None, None)


def _worked(session: Session, calendar: Calendar, row: Application, decided_on: date) -> int:
    pauses = [(today(one.began_at), _last(one.ended_at, decided_on)) for one in deadlines.pauses(session, row.id)]
    return worked(calendar, _began(session, row), decided_on, pauses)


def _last(ended_at: datetime | None, decided_on: date) -> date:
    return today(ended_at) if ended_at else decided_on


def _began(session: Session, row: Application) -> date:
    """The day of the submission; of a reopened case the day it was reopened, when its deadlines began anew."""
    reopened = session.scalar(
        select(func.max(ApplicationHistory.at)).where(
            ApplicationHistory.subject_id == row.id, ApplicationHistory.move == "reopen"
        )
    )
    return today(reopened or row.submitted_at or row.created_at)


def worked(calendar: Calendar, began: date, ended: date, pauses: Sequence[Interval]) -> int:
    """Working days after ``began`` up to and including ``ended`` without those of the pauses, which may overlap."""
    stood, upto = 0, began
    for start, end in sorted(pauses):
        stops, goes_on = max(start, upto), min(end, ended)
        if goes_on > stops:
            stood += calendar.between(stops, goes_on)
            upto = goes_on
    return max(0, calendar.between(began, ended) - stood)
