"""Notices 公示 at the console: what stands in the jurisdiction, and the objections that wait for an answer."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.accounts import queries as accounts
from backend.applications import (
    claims,
    hands,
    notice_facts,
    notices,
    objections,
    policy,
    queries,
    records,
    routing,
)
from backend.applications.notice_queries import in_order
from backend.applications.policy import Reviewer
from backend.catalogue import queries as catalogue
from backend.events import audit
from backend.kernel import cursors, ids
from backend.kernel.clock import today
from backend.kernel.crypto import Vault, place
from backend.lifecycles.application import REVIEWABLE, ApplicationStatus as S
from backend.models.application import Application
from backend.models.notice import Objection, PublicNotice

#: Open objections shown at once; they are answered within days.
MOST_OPEN = 50


def told(session: Session, reviewer: Reviewer, whole: records.Case, case: dict[str, Any]) -> dict[str, Any]:
    """The page of a case with its notice, what was objected to it, the right to answer, and what approving brings."""
    row = whole.row
    case = notice_facts.told(session, whole, case) | {"notice_days": _days(session, whole)}
    if case["notice"] is None:
        return case
    made = session.scalars(select(Objection).where(Objection.notice_id == ids.decode(case["notice"]["id"])))
    case["notice"]["list"] = [_line(one) for one in sorted(made, key=lambda one: one.id)]
    waits = row.status == S.IN_NOTICE and case["notice"]["open_objections"]
    if waits and may_answer(session, reviewer, row):
        case["allowed_actions"] = [*case["allowed_actions"], "answer_objection"]
    return case


def _days(session: Session, whole: records.Case) -> int:
    """Working days of notice that an approval now would bring."""
    row, levels = whole.row, whole.definition.levels
    if row.status not in REVIEWABLE or row.level not in levels or not notice_facts.announces(whole.definition):
        return 0
    return notices.owed(session, whole, routing.after_approval(row, levels, routing.offices(session, row)))


def may_answer(session: Session, reviewer: Reviewer, row: Application) -> bool:
    """Whether this clerk may answer: of the level that found or above, and with no hand in the case otherwise."""
    return policy.rank(reviewer.level) >= policy.rank(row.decided_level or row.level) and not hands.reason(
        session, reviewer, row
    )


def _line(row: Objection) -> dict[str, Any]:
    return {
        "id": ids.encode(row.id),
        "made_on": row.made_on.isoformat(),
        "named": row.named,
        "upheld": row.upheld,
        "answered_at": row.answered_at.isoformat() if row.answered_at else None,
        "post": row.post or None,
    }


def waiting(session: Session, *, reviewer: Reviewer) -> list[dict[str, Any]]:
    """Objections of the jurisdiction that wait for an answer, oldest first."""
    query = (
        select(Objection, Application)
        .join(PublicNotice, PublicNotice.id == Objection.notice_id)
        .join(Application, Application.id == Objection.application_id)
        .where(_own(reviewer) == reviewer.region, PublicNotice.ended_at.is_(None), Objection.answered_at.is_(None))
        .order_by(Objection.id)
        .limit(MOST_OPEN)
    )
    return [_line(objection) | _case(session, row) for objection, row in session.execute(query)]


def running(session: Session, *, reviewer: Reviewer, limit: int, cursor: str | None, now: datetime) -> queries.Page:
    """Notices of the jurisdiction that stand or will, by their last day; keyset."""
    query = (
        in_order(select(PublicNotice, Application), reviewer.level)
        .join(Application, Application.id == PublicNotice.application_id)
        .where(_own(reviewer) == reviewer.region, PublicNotice.ended_at.is_(None))
    )
    after = cursors.read(cursor)
    if after:
        last, row_id = after[0].date(), after[1]
        later = and_(PublicNotice.closes_on == last, PublicNotice.id > row_id)
        query = query.where(PublicNotice.closes_on >= last, or_(PublicNotice.closes_on > last, later))
    found = session.execute(query.order_by(PublicNotice.closes_on, PublicNotice.id).limit(limit + 1)).all()
    shown = found[:limit]
    last_row = shown[-1][0] if len(found) > limit else None
    more = cursors.make(datetime.combine(last_row.closes_on, time(), UTC), last_row.id) if last_row else None
    return queries.Page([_running(session, notice, row, now) for notice, row in shown], more)


def _own(reviewer: Reviewer) -> InstrumentedAttribute[str]:
    column: InstrumentedAttribute[str] = getattr(PublicNotice, reviewer.level)
    return column


def _running(session: Session, notice: PublicNotice, row: Application, now: datetime) -> dict[str, Any]:
    return _case(session, row) | {
        "notice_number": notice.number,
        "id": ids.encode(notice.id),
        "opens_on": notice.opens_on.isoformat(),
        "closes_on": notice.closes_on.isoformat(),
        "announced": notice.opens_on > today(now),
        "extended_days": notice.extended_days,
    }


def _case(session: Session, row: Application) -> dict[str, Any]:
    return {
        "number": row.number,
        "service_name": catalogue.definition(session, row.service_item, row.service_item_version).name,
        "holder_masked": row.holder_masked,
        "region": row.region,
    }


def opened(session: Session, vault: Vault, *, reviewer: Reviewer, objection_id: int, now: datetime) -> dict[str, Any]:
    """One objection with its words, for whoever may answer it; the look is a row of the case's chain.

    Errors: 404 outside the jurisdiction, 403 for the person concerned and their family.
    """
    objection, notice, row = objections.own(session, reviewer, objection_id)
    seal = accounts.seal_of(session, vault, row.resident_id)
    words = objections.content(seal, objection)
    audit.note(session, row, act="look.objection", actor=claims.actor(reviewer), now=now)
    answerable = objection.answered_at is None and notice.ended_at is None and may_answer(session, reviewer, row)
    sealed = objection.answer
    return (
        _case(session, row)
        | _line(objection)
        | {
            "text": words.text,
            "name": words.name or None,
            "contact": words.contact or None,
            "answer": seal.open_text(sealed, place("objection", "answer", objection.id)) if sealed else None,
            "notice_number": notice.number,
            "opens_on": notice.opens_on.isoformat(),
            "closes_on": notice.closes_on.isoformat(),
            "ended_as": notice.ended_as,
            "allowed_actions": ["answer"] if answerable else [],
        }
    )
