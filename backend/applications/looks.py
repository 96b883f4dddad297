"""Who looked at a case: each look of the staff is a row of its chain, and the applicant reads them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend.applications import claims, hands, queries, routing, views
from backend.applications.policy import Reviewer
from backend.events import audit
from backend.kernel.i18n import N_, Text
from backend.models.application import Application
from backend.models.audit import AuditEntry
from backend.models.staff import Staff

CASE, RECORD = "look.case", "look.audit"
#: The same clerk who opens the same page again within this time looks once.
ONCE = timedelta(hours=1)
#: Acts by which staff see what is otherwise masked, in the words of the applicant; others begin with ``look.``.
ACTS: dict[str, Text] = {
    CASE: N_("打开了申请"),
    RECORD: N_("看了办理记录"),
    "look.material": N_("打开了材料"),
    "look.parcel": N_("看了邮寄地址"),
    "claim.take": N_("领办，看到全部内容"),
    "claim.takeover": N_("接手，换人来办"),
    "look.objection": N_("看了对公示的异议"),
    "search.person": N_("按姓名或证件号查到"),
}
OTHER = N_("查看")
#: Taking a case shows its page at once: that is one look, not two.
SHOWN = {CASE: (CASE, "claim.take", "claim.takeover"), RECORD: (RECORD,)}
MOST = 200


def noted(session: Session, *, reviewer: Reviewer, number: str, act: str, now: datetime) -> bool:
    """Whether this clerk's look stands in the chain already, within the hour. Errors as for reading the case."""
    row = claims.in_jurisdiction(session, reviewer, number, lock=False)
    hands.check_parties(session, reviewer, row)
    mine = (AuditEntry.actor_kind == "staff", AuditEntry.actor_id == reviewer.id)
    found = select(AuditEntry.id).where(
        *_chain(row.id), *mine, AuditEntry.act.in_(SHOWN[act]), AuditEntry.at > now - ONCE
    )
    return session.execute(found.limit(1)).first() is not None


def note(session: Session, *, reviewer: Reviewer, number: str, act: str, now: datetime) -> None:
    """Write the look down before anything is shown, at most once per clerk, case and hour."""
    if not noted(session, reviewer=reviewer, number=number, act=act, now=now):
        row = claims.in_jurisdiction(session, reviewer, number, lock=False)
        audit.note(session, row, act=act, actor=claims.actor(reviewer), now=now)


def mine(session: Session, *, resident_id: int, application_id: int) -> list[dict[str, Any]]:
    """Who looked at my case: moment, office and post, and what; the newest first."""
    row = queries.handed_in(session, resident_id=resident_id, application_id=application_id)
    offices = routing.offices(session, row)
    query = (
        select(AuditEntry.at, AuditEntry.post, AuditEntry.act, Staff.level)
        .outerjoin(Staff, Staff.id == AuditEntry.actor_id)
        .where(*_chain(row.id), or_(AuditEntry.act.in_(list(ACTS)), AuditEntry.act.startswith("look.")))
        .order_by(AuditEntry.sequence.desc())
        .limit(MOST)
    )
    return [
        {
            "at": views.iso(at),
            "office": offices[level].name if level in offices else "",
            "post": post,
            "act": act,
            "what": ACTS.get(act, OTHER),
        }
        for at, post, act, level in session.execute(query)
    ]


def _chain(application_id: int) -> tuple[Any, ...]:
    return AuditEntry.subject_kind == Application.__tablename__, AuditEntry.subject_id == application_id
