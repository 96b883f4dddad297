"""What is new in a case since a clerk last opened it: how far they read, and what others did after that."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.applications import policy, records
from backend.applications.policy import Reviewer
from backend.kernel.i18n import N_, Text
from backend.lifecycles.application import APPLICATION
from backend.models.application import Application, CaseSeen
from backend.models.audit import AuditEntry

#: Acts that a clerk wants to hear of, in words; looks and claims are none of them.
NEWS: dict[str, Text] = {f"{APPLICATION.name}.{move.name}": move.label for move in APPLICATION.moves} | {
    "question.reply": N_("申请人回复了"),
    "note.write": N_("同事写了备注"),
}


def saw(session: Session, *, reviewer: Reviewer, number: str) -> None:
    """The clerk has the newest state of a case before them; ``NotFound`` outside the jurisdiction.

    Kept without a time: it marks what is new, and says nothing about when or how long somebody worked.
    """
    mine = and_(CaseSeen.application_id == Application.id, CaseSeen.staff_id == reviewer.id)
    row = session.execute(
        select(
            Application.id,
            Application.audit_sequence,
            Application.village,
            Application.town,
            Application.county,
            CaseSeen.sequence,
        )
        .outerjoin(CaseSeen, mine)
        .where(Application.number == number)
    ).one_or_none()
    if row is None or not policy.sees(reviewer, village=row.village, town=row.town, county=row.county):
        raise records.not_found()
    if row.sequence != row.audit_sequence:
        _keep(session, reviewer.id, row.id, row.audit_sequence, known=row.sequence is not None)


def _keep(session: Session, staff_id: int, case: int, sequence: int, *, known: bool) -> None:
    if not known:
        try:
            with session.begin_nested():
                session.add(CaseSeen(staff_id=staff_id, application_id=case, sequence=sequence))
            return
        except IntegrityError:
            pass  # the same clerk in another window was faster
    here = (CaseSeen.staff_id == staff_id, CaseSeen.application_id == case)
    session.execute(
        update(CaseSeen).where(*here).values(sequence=sequence), execution_options={"synchronize_session": False}
    )


def news(session: Session, *, reviewer: Reviewer, read: Mapping[int, int]) -> dict[int, list[str]]:
    """By case id, the acts of others after the sequence up to which it was read, oldest first; one statement."""
    if not read:
        return {}
    others = or_(AuditEntry.actor_kind != "staff", AuditEntry.actor_id != reviewer.id)
    after = [and_(AuditEntry.subject_id == case, AuditEntry.sequence > sequence) for case, sequence in read.items()]
    query = (
        select(AuditEntry.subject_id, AuditEntry.act)
        .where(AuditEntry.subject_kind == Application.__tablename__, or_(*after), AuditEntry.act.in_(NEWS), others)
        .order_by(AuditEntry.subject_id, AuditEntry.sequence)
    )
    found: dict[int, list[str]] = {}
    for case, act in session.execute(query):
        found.setdefault(case, []).append(act)
    return found
