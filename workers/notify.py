"""Topics that tell a resident something about their case; the template has the topic's name."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.applications import corrections, notice_facts, routing
from backend.applications.policy import end_of_day
from backend.catalogue import queries as catalogue
from backend.events.leasing import Leased
from backend.kernel.clock import today
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.application import Application, Correction
from backend.runtime import Runtime
from workers import telling
from workers.kinds import together

#: Messages that mean nothing any more once the case is in none of these states.
ONLY_WHILE = {
    "draft_expiring": (S.DRAFT,),
    "draft_waiting": (S.DRAFT,),
    "correction_reminder": (S.CORRECTION,),
    "correction_changed": (S.CORRECTION,),
    "deadline_escalation": (S.SUBMITTED, S.IN_REVIEW),
}
#: Messages that ask for something by a day.
ASKING = ("correction_requested", "correction_changed", "correction_reminder")
Facts = dict[str, str | date | None]


def say(session: Session, runtime: Runtime, row: Leased, now: datetime) -> None:
    """One message of the topic's name about the case ``row.subject_id``; none when the case is gone."""
    case = session.get(Application, row.subject_id)
    if case is None or case.status not in ONLY_WHILE.get(row.topic, (case.status,)):
        return
    facts = _facts(session, runtime, case)
    if row.topic.startswith("correction_"):
        facts["due_on"] = _correction_due(session, case.id)
    if row.topic == "application_in_notice":
        facts |= notice_facts.dates(session, case.id)
    telling.tell(
        session,
        runtime,
        row,
        resident_id=case.resident_id,
        facts=facts,
        application_id=case.id,
        application_number=case.number,
        not_after=_not_after(row.topic, case, facts),
        now=now,
    )


def _not_after(topic: str, case: Application, facts: Facts) -> datetime | None:
    """Nobody is sent for something that can no longer be done."""
    if topic.startswith("draft_"):
        return case.expires_at
    due_on = facts["due_on"] if topic in ASKING else None
    return end_of_day(due_on) if isinstance(due_on, date) else None


def _facts(session: Session, runtime: Runtime, case: Application) -> Facts:
    """What templates may mention; the office is the one whose turn it is, or was last."""
    offices = routing.offices(session, case)
    office = offices.get(case.queue) or offices.get(case.level) or next(iter(offices.values()), None)
    return {
        "service": catalogue.definition(session, case.service_item, case.service_item_version).name,
        "number": case.number,
        "office": office.name if office else None,
        "phone": (office.phone if office else "") or runtime.settings.phone,
        "due_on": case.due_on,
        "expires_on": today(case.expires_at) if case.expires_at else None,
    }


def _correction_due(session: Session, application_id: int) -> date | None:
    """The last day of the newest notice that was sent."""
    return session.scalar(
        select(Correction.due_on)
        .where(
            Correction.application_id == application_id,
            Correction.waits_for.is_(None),
            or_(Correction.closed_as.is_(None), Correction.closed_as.not_in(corrections.NEVER_SENT)),
        )
        .order_by(Correction.id.desc())
        .limit(1)
    )


tell = together(say)
