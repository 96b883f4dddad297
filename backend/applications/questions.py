"""Questions 提问: a message that only needs a reply; no clock stops and nothing is decided by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import claims, hands, records, routing, submission, views
from backend.applications.policy import Reviewer
from backend.events import audit, outbox
from backend.kernel import ids
from backend.kernel.actors import Actor
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.i18n import N_
from backend.lifecycles.application import OPEN
from backend.models.application import Application, Question
from backend.models.staff import Staff
from backend.notifications import staff as inbox

ASKED = "question_asked"
#: The kind of the staff's message.
REPLIED = "question_answered"
#: A person who owes so many replies is asked nothing more.
MOST_OPEN = 3
LABELS = {True: N_("已回答"), False: N_("等您回答")}


def ask(session: Session, *, vault: Vault, reviewer: Reviewer, number: str, text: str, now: datetime) -> int:
    """Ask the applicant something, while one holds the case; the id of the question.

    Errors: 404, 403 own case, 409 ``not_claimed``, ``too_many_questions``.
    """
    row = claims.in_jurisdiction(session, reviewer, number)
    hands.check_parties(session, reviewer, row)
    if not claims.holds(reviewer, row, now):
        raise Conflict("not_claimed", N_("先领办这件，再向申请人提问，写好的话都在"))
    if sum(one.replied_at is None for one in rows(session, row.id)) >= MOST_OPEN:
        raise Conflict("too_many_questions", N_("已经有 %(n)s 个问题等回答，先等一等，或打电话问", n=MOST_OPEN))
    case = records.whole(session, vault, row)
    question = Question(
        id=ids.new_id(now), application_id=row.id, staff_id=reviewer.id, post=reviewer.post, asked_at=now
    )
    question.text = case.seal.seal_text(text, place("question", "text", question.id))
    session.add(question)
    claims.renew(session, row, reviewer, now)
    _note(session, row, "question.ask", claims.actor(reviewer), now, question.text)
    outbox.add(session, topic=ASKED, subject_id=row.id, dedupe_key=f"{ASKED}:{question.id}", now=now)
    return question.id


def reply(
    session: Session,
    *,
    vault: Vault,
    resident_id: int,
    application_id: int,
    question_id: int,
    text: str,
    now: datetime,
) -> int:
    """Answer a question of one's own case, once; whoever asked is told.

    Errors: 404, 409 ``already_replied``, ``not_under_way`` once the case has ended.
    """
    case = records.own(session, vault, application_id=application_id, resident_id=resident_id)
    question = session.scalar(
        select(Question).where(Question.id == question_id, Question.application_id == application_id)
    )
    if question is None:
        raise NotFound("not_found", N_("没有找到这个问题"))
    if question.replied_at is not None:
        raise Conflict("already_replied", N_("这个问题已经回答过了，要补充请打电话"))
    if case.row.status not in OPEN:
        raise Conflict("not_under_way", N_("这件已经办结，不用再回答了"))
    question.reply = case.seal.seal_text(text, place("question", "reply", question.id))
    question.replied_at = now
    _note(session, case.row, "question.reply", submission.applicant(case), now, question.reply)
    for staff_id in _listeners(session, case.row, question):
        event, facts = f"question:{question.id}", {"number": case.row.number}
        inbox.tell(session, staff_id=staff_id, kind=REPLIED, event=event, facts=facts, now=now)
    return question.id


def _note(session: Session, row: Application, act: str, actor: Actor, now: datetime, sealed: str) -> None:
    """No revision of the case: whoever edits or decides it at this moment is not disturbed."""
    audit.note(session, row, act=act, actor=actor, now=now, commitment=records.commitment(sealed))


def _listeners(session: Session, row: Application, question: Question) -> Sequence[int]:
    """Whoever asked; when they have left, everybody of the office whose turn it is."""
    author = session.get(Staff, question.staff_id)
    if author is not None and author.active:
        return [author.id]
    office = routing.offices(session, row).get(row.queue or row.level)
    if office is None:
        return []
    return session.scalars(select(Staff.id).where(*routing.reviewers_of(office.region))).all()


def rows(session: Session, application_id: int) -> list[Question]:
    """The questions of a case, oldest first."""
    query = select(Question).where(Question.application_id == application_id).order_by(Question.id)
    return list(session.scalars(query))


def of(session: Session, case: records.Case) -> list[dict[str, Any]]:
    """Questions and replies in words, for both sides; who asked is a post, never a name."""
    return [_shown(case, row) for row in rows(session, case.row.id)]


def _shown(case: records.Case, row: Question) -> dict[str, Any]:
    replied = row.replied_at is not None
    return {
        "id": ids.encode(row.id),
        "status": "replied" if replied else "asked",
        "status_label": LABELS[replied],
        "text": case.seal.open_text(row.text, place("question", "text", row.id)),
        "post": row.post,
        "asked_at": views.iso(row.asked_at),
        "reply": case.seal.open_text(row.reply, place("question", "reply", row.id)) if row.reply else None,
        "replied_at": views.iso(row.replied_at),
        "allowed_actions": [] if replied or case.row.status not in OPEN else ["reply"],
    }
