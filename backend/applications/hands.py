"""In whose hands a case may be: nobody acts at two levels of one case, nor on their own or their family's.

One person is one person under every account (the keyed hash of their document). A case that nobody of its office
may touch goes to the level above: when it is given a turn, and by a sweep for what was declared later.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, literal, or_, select
from sqlalchemy.orm import Session

from backend.applications import policy, routing
from backend.applications.policy import Reviewer
from backend.kernel.errors import Forbidden
from backend.kernel.i18n import N_, Text
from backend.models.application import Application, ApplicationHistory
from backend.models.resident import Resident
from backend.models.staff import Staff, StaffRelative

OWN, FAMILY, ACTED = "own_case", "own_family", "acted_before"
WORDS: dict[str, Text] = {
    OWN: N_("不能办理自己的申请，请交给同事"),
    FAMILY: N_("这是您登记过的家人的申请，请交给同事"),
    ACTED: N_("您在另一级办过这件，同一件要由不同的人办，请交给同事"),
}


def reason(session: Session, reviewer: Reviewer, row: Application) -> str | None:
    """Why this clerk must not act on the case: ``own_case``, ``own_family``, ``acted_before``; ``None``: they may."""
    return barred(session, reviewer, [row.id]).get(row.id)


def check(session: Session, reviewer: Reviewer, row: Application) -> None:
    """Refuse (403, code of the reason) whoever must not act on the case."""
    refuse(reason(session, reviewer, row))


def check_parties(session: Session, reviewer: Reviewer, row: Application) -> None:
    """Refuse whoever must not even look: the person themself and their family."""
    refuse_parties(reason(session, reviewer, row))


def refuse_parties(code: str | None) -> None:
    """The same for a reason that is known: one of the two parties, not having acted at another level."""
    refuse(code if code != ACTED else None)


def check_reopening(session: Session, reviewer: Reviewer, row: Application) -> None:
    """The same for opening a case again, which the level that decided or one above it does as itself."""
    refuse(barred(session, reviewer, [row.id], also=reviewer.level).get(row.id))


def refuse(code: str | None) -> None:
    """403 with the sentence of a reason; nothing without one."""
    if code is not None:
        raise Forbidden(code, WORDS[code])


def barred(session: Session, reviewer: Reviewer, application_ids: Collection[int], *, also: str = "") -> dict[int, str]:
    """Why this clerk must not act, by case; cases that are free to them are not in it. One statement.

    ``also``: a level beside the case's own at which the clerk may have acted.
    """
    if not application_ids:
        return {}
    query = select(Application.id, _own(reviewer), _family(reviewer), _acted(reviewer, also))
    with session.no_autoflush:
        found = session.execute(query.where(Application.id.in_(application_ids))).all()
    reasons = (
        (row[0], next((c for c, hit in zip((OWN, FAMILY, ACTED), row[1:], strict=True) if hit), None)) for row in found
    )
    return {case: reason for case, reason in reasons if reason}


def mark(session: Session, reviewer: Reviewer, rows: Collection[Any], lines: list[dict[str, Any]]) -> None:
    """Take back the offer to claim where the clerk must not, and say why (``barred``, ``barred_label``)."""
    offered = [row.id for row, line in zip(rows, lines, strict=True) if "claim" in line["allowed_actions"]]
    found = barred(session, reviewer, offered)
    for row, line in zip(rows, lines, strict=True):
        reason = found.get(row.id)
        line["barred"], line["barred_label"] = reason, WORDS[reason] if reason else None
        if reason:
            line["allowed_actions"] = [action for action in line["allowed_actions"] if action != "claim"]


def _accounts(reviewer: Reviewer) -> Any:
    """Every account of the same person."""
    same = Staff.id == reviewer.id
    return select(Staff.id).where(
        or_(same, Staff.person_index == reviewer.person_index) if reviewer.person_index else same
    )


def _applicant() -> Any:
    """The document of whoever filed a case for somebody else."""
    return (
        select(Resident.id_index)
        .where(Resident.id == Application.resident_id, Application.mandate_id.is_not(None))
        .correlate(Application)
        .scalar_subquery()
    )


def _own(reviewer: Reviewer) -> ColumnElement[bool]:
    index = literal(reviewer.person_index or "")
    return or_(Application.holder_id_index == index, _applicant() == index)


def _family(reviewer: Reviewer) -> ColumnElement[bool]:
    declared = select(StaffRelative.id).where(StaffRelative.staff_id.in_(_accounts(reviewer)))
    theirs = or_(StaffRelative.person_index == Application.holder_id_index, StaffRelative.person_index == _applicant())
    return declared.where(theirs).correlate(Application).exists()


def _acted(reviewer: Reviewer, also: str) -> ColumnElement[bool]:
    acts = routing.staff_acts(Application.id).where(
        ApplicationHistory.level.not_in((Application.level, also)),
        ApplicationHistory.actor_id.in_(_accounts(reviewer)),
    )
    return acts.correlate(Application).exists()


def free_stuck(session: Session, *, now: datetime, limit: int) -> int:
    """Move unclaimed cases up that nobody of their office may touch; how many."""
    moved = 0
    for position, level in enumerate(policy.LEVELS[:-1]):
        here = routing.able(getattr(Application, level), level, Application)
        higher = policy.LEVELS[position + 1 :]
        above = or_(*(routing.able(getattr(Application, name), name, Application) for name in higher))
        free = Application.claimed_by.is_(None)
        moved += routing.move_all(session, level, free, ~here, above, now=now, limit=limit)
    return moved
