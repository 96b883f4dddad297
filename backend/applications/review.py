"""Decisions 决定: accept, hand up, return, ask for correction, approve, reject — under a claim and its fence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from backend.applications import (
    claims,
    corrections,
    deadlines,
    hands,
    notices,
    policy,
    records,
    retention,
    routing,
    second_corrections,
)
from backend.applications.policy import Reviewer
from backend.certificates import service as certificates
from backend.events import moves
from backend.kernel.clock import today
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, Invalid
from backend.kernel.i18n import N_
from backend.kernel.workdays import Calendar
from backend.lifecycles.application import APPLICATION, ApplicationStatus as S
from backend.models.application import Application

DECISIONS = ("accept", "approve", "reject", "return", "request_correction")
#: Decisions whose words the applicant reads: they must say something.
SPOKEN = ("reject", "return", "request_correction")

Defect = corrections.Defect


@dataclass(frozen=True, slots=True)
class Decision:
    """What the clerk decided, in whose name, with which words."""

    kind: str
    note: str
    defects: tuple[Defect, ...] = ()
    #: Of a correction: the last day the clerk wishes, and why a second notice is needed.
    due_on: date | None = None
    reason_code: str | None = None
    reason_words: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything one decision needs at hand."""

    session: Session
    case: records.Case
    reviewer: Reviewer
    decision: Decision
    calendar: Calendar
    now: datetime

    def move(self, name: str, words: str = "") -> None:
        moves.apply(
            self.session,
            self.case.row,
            name,
            lifecycle=APPLICATION,
            actor=claims.actor(self.reviewer),
            now=self.now,
            note=self.case.note(words) if words else None,
        )


def decide(
    session: Session,
    *,
    vault: Vault,
    calendar: Calendar,
    reviewer: Reviewer,
    number: str,
    decision: Decision,
    fence: int,
    now: datetime,
) -> int:
    """Make one decision and let the case go. A first decision without ``accept`` accepts.

    Errors: 404, 403 own case, 409 wrong state, ``stale_fence``, ``nothing_below``; 422 words or defects missing.
    """
    row = claims.in_jurisdiction(session, reviewer, number)
    barred = hands.reason(session, reviewer, row)
    hands.refuse_parties(barred)
    _check_state(session, row)
    claims.check_fence(reviewer, row, fence, now)
    hands.refuse(barred)  # after the fence: the same decision sent twice is late, not forbidden
    second_corrections.check_none_waits(session, row)
    _check_words(decision)
    desk = Desk(session, records.whole(session, vault, row), reviewer, decision, calendar, now)
    if row.status == S.SUBMITTED:
        _accept(desk)
    elif decision.kind == "accept":
        raise Conflict("already_accepted", N_("这件申请已经受理，请直接决定"))
    if decision.kind != "accept":
        row.decided_level = row.level
        HANDLERS[decision.kind](desk)
    routing.let_go(row)
    return row.id


def _check_state(session: Session, row: Application) -> None:
    if row.status == S.CORRECTION:
        raise Conflict("correction_open", N_("正在等申请人补正，补正回来后才能决定"))
    notices.check_over(session, row)
    if row.status not in (S.SUBMITTED, S.IN_REVIEW):
        raise Conflict("not_reviewable", N_("这件申请现在不在审核中"), extra={"state": row.status})


def _check_words(decision: Decision) -> None:
    if decision.kind in SPOKEN and not decision.note.strip():
        raise Invalid("note_missing", N_("请写明原因，申请人会看到"), errors={"note": [N_("请写明原因，申请人会看到")]})
    if decision.kind == "request_correction" and not decision.defects:
        words = N_("请逐条列出要补正的地方")
        raise Invalid("items_missing", words, errors={"items": [words]})


def _accept(desk: Desk) -> None:
    desk.move("accept")
    desk.case.row.accepted_at = desk.now


def _approve(desk: Desk) -> None:
    """Hand up below the last level; the last approval is final; a public notice comes first where the item has one."""
    row = desk.case.row
    beyond = routing.after_approval(row, desk.case.definition.levels, routing.offices(desk.session, row))
    if days := notices.owed(desk.session, desk.case, beyond):
        desk.move("open_notice", desk.decision.note)
        notices.open_for(desk.session, desk.case, days=days, calendar=desk.calendar, now=desk.now)
    elif beyond is None:
        desk.move("approve", desk.decision.note)
        _finish(desk)
    else:
        desk.move("hand_up", desk.decision.note)
        routing.give_turn(row, beyond)


def _return(desk: Desk) -> None:
    row = desk.case.row
    below = policy.turn_below(desk.case.definition.levels, row.level, routing.offices(desk.session, row))
    if below is None:
        raise Conflict("nothing_below", N_("下面没有可以退回的层级"))
    desk.move("return", desk.decision.note)
    routing.give_turn(row, below)


def _request_correction(desk: Desk) -> None:
    """The first notice of a case goes out at once, a later one waits for a consent."""
    decision = desk.decision
    wanted = corrections.Wanted(
        decision.note, decision.defects, decision.due_on, decision.reason_code, decision.reason_words
    )
    second_corrections.request(
        desk.session, desk.case, reviewer=desk.reviewer, wanted=wanted, calendar=desk.calendar, now=desk.now
    )


def _reject(desk: Desk) -> None:
    desk.move("reject", desk.decision.note)
    _finish(desk)


def _finish(desk: Desk) -> None:
    routing.leave_queue(desk.case.row)
    retention.start(desk.session, desk.case.row, now=desk.now)
    desk.case.row.decided_at = desk.now


HANDLERS: dict[str, Callable[[Desk], None]] = {
    "approve": _approve,
    "return": _return,
    "request_correction": _request_correction,
    "reject": _reject,
}


def reopen(
    session: Session,
    *,
    vault: Vault,
    calendar: Calendar,
    reviewer: Reviewer,
    number: str,
    reason: str,
    now: datetime,
) -> int:
    """Put a decided case back into review, by the level that decided last or above; its certificate dies with it."""
    row = claims.in_jurisdiction(session, reviewer, number)
    hands.check_reopening(session, reviewer, row)
    case = records.whole(session, vault, row)
    APPLICATION.check("reopen", row.status, "reviewer")
    if not case.definition.levels or policy.rank(reviewer.level) < policy.rank(row.decided_level):
        raise Conflict("not_your_level", N_("要由作出决定的层级或上级重新审核"), extra={"level": row.decided_level})
    desk = Desk(session, case, reviewer, Decision("reopen", reason), calendar, now)
    desk.move("reopen", reason)
    certificates.revoke_for(session, application_id=row.id, reason="reopened", now=now)
    retention.stop(session, row)
    limits = policy.deadlines(case.definition, calendar, today(now))
    deadlines.put(row, limits)
    row.decided_at = None
    start = case.definition.levels.index(row.level)
    routing.give_turn(row, policy.turn(case.definition.levels, start, routing.offices(session, row)))
    return row.id
