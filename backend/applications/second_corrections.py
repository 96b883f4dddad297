"""A second notice 再次补正: it gives a reason and waits for the next level's consent; the clock keeps running."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.applications import claims, corrections, hands, policy, records, routing
from backend.applications.corrections import Wanted
from backend.applications.policy import Reviewer
from backend.kernel.actors import SYSTEM, Actor
from backend.kernel.clock import today
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, Forbidden, Invalid
from backend.kernel.i18n import N_
from backend.kernel.workdays import Calendar
from backend.models.application import Application, Correction
from backend.models.staff import Staff, StaffRelative
from backend.notifications import staff as inbox

#: Kinds of staff messages.
WANTED, GIVEN, REFUSED, MOOT = "consent_wanted", "consent_given", "consent_refused", "consent_moot"


@dataclass(frozen=True, slots=True)
class Consenters:
    """The level that is asked, and who works there."""

    level: str
    staff: list[int]


def request(
    session: Session, case: records.Case, *, reviewer: Reviewer, wanted: Wanted, calendar: Calendar, now: datetime
) -> bool:
    """Send the first notice of a case; propose any later one. Whether it was sent.

    Errors: 422 ``reason_missing``, 409 ``nobody_to_consent`` for a later one.
    """
    before = corrections.sent(corrections.of(session, case.row.id))
    notice = corrections.write(
        session, case, reviewer=reviewer, wanted=wanted, ordinal=len(before) + 1, calendar=calendar, now=now
    )
    if not before:
        corrections.send(session, case, notice, actor=claims.actor(reviewer), now=now)
        return True
    _check_reason(wanted)
    asked = consenters(session, case.row, proposer=reviewer)
    if asked is None:
        raise Conflict("nobody_to_consent", N_("没有别人能同意再次补正，请按现有材料作决定，或先用提问问清楚"))
    _propose(session, case, notice, reviewer, wanted, asked, now)
    return False


def _check_reason(wanted: Wanted) -> None:
    """The law wants one complete notice: why was the first not the last?"""
    if wanted.reason_code not in policy.SECOND_REASONS:
        words = N_("这件已经通知补正过，再次补正要选一个理由，上一级同意后才发出")
        raise Invalid("reason_missing", words, errors={"reason_code": [words]})
    if wanted.reason_code == policy.OTHER_REASON and not wanted.reason_words.strip():
        words = N_("请写明再次补正的理由")
        raise Invalid("reason_missing", words, errors={"reason_words": [words]})


def _propose(
    session: Session,
    case: records.Case,
    notice: Correction,
    reviewer: Reviewer,
    wanted: Wanted,
    asked: Consenters,
    now: datetime,
) -> None:
    content = corrections.read(case, notice)
    corrections.keep(case, notice, content | {"reason_words": wanted.reason_words.strip()})
    notice.reason_code, notice.waits_for = wanted.reason_code, asked.level
    corrections.record(session, case.row, "correction.propose", claims.actor(reviewer), now, notice.content)
    _ask(session, case.row, notice, asked, now)


def _ask(session: Session, row: Application, notice: Correction, asked: Consenters, now: datetime) -> None:
    for staff_id in asked.staff:
        _tell(session, staff_id, WANTED, row, notice, now)


def _tell(session: Session, staff_id: int, kind: str, row: Application, notice: Correction, now: datetime) -> None:
    event, facts = f"correction:{notice.id}", {"number": row.number}
    inbox.tell(session, staff_id=staff_id, kind=kind, event=event, facts=facts, now=now)


def consenters(session: Session, row: Application, *, proposer: Reviewer) -> Consenters | None:
    """The next level above that has somebody at work; at the top another person of the same office."""
    above = policy.LEVELS[policy.rank(proposer.level) + 1 :] or policy.LEVELS[-1:]
    for level in above:
        found = session.scalars(select(Staff.id).where(*_able(row, level, proposer)).order_by(Staff.id)).all()
        if found:
            return Consenters(level, list(found))
    return None


def _able(row: Application, level: str, proposer: Reviewer) -> list[ColumnElement[bool]]:
    """Neither the proposer in another account, nor the applicant or their family."""
    family = select(StaffRelative.staff_id).where(StaffRelative.person_index == row.holder_id_index)
    found = [*routing.at_work(getattr(row, level)), Staff.id != proposer.id, Staff.id.not_in(family)]
    barred = [index for index in (proposer.person_index, row.holder_id_index) if index]
    return [*found, or_(Staff.person_index.is_(None), Staff.person_index.not_in(barred))] if barred else found


def waiting(session: Session, application_id: int) -> Correction | None:
    """The proposal that waits for a consent."""
    going = (Correction.closed_at.is_(None), Correction.waits_for.is_not(None))
    with session.no_autoflush:
        return session.scalar(select(Correction).where(Correction.application_id == application_id, *going))


def waiting_among(session: Session, numbers: Collection[str]) -> set[str]:
    """Those of the cases that nobody can decide before a consent: not worth handing out."""
    query = (
        select(Application.number)
        .join(Correction, Correction.application_id == Application.id)
        .where(Application.number.in_(numbers), Correction.closed_at.is_(None), Correction.waits_for.is_not(None))
    )
    return {number for number in session.scalars(query) if number} if numbers else set()


def check_none_waits(session: Session, row: Application) -> None:
    """``Conflict`` while a proposal waits: first the answer, then a decision."""
    if waiting(session, row.id) is not None:
        raise Conflict("consent_pending", N_("再次补正正在等上级同意，有了答复或撤回后才能决定"))


def consent(
    session: Session,
    *,
    vault: Vault,
    calendar: Calendar,
    reviewer: Reviewer,
    number: str,
    agree: bool,
    note: str,
    now: datetime,
) -> int:
    """Let a second notice go out, or refuse it with words to the clerk who wrote it.

    Errors: 404, 403 own case or own proposal, 409 ``nothing_proposed``, ``not_your_level``, 422 words missing.
    """
    row = claims.in_jurisdiction(session, reviewer, number)
    hands.check_parties(session, reviewer, row)
    notice = waiting(session, row.id)
    if notice is None:
        raise Conflict("nothing_proposed", N_("现在没有等同意的补正，可能已经有人处理过了"))
    _check_may_consent(session, reviewer, notice)
    case = records.whole(session, vault, row)
    notice.consented_by = reviewer.id
    if agree:
        _agree(session, case, notice, reviewer, calendar, now)
    else:
        _refuse(session, case, notice, reviewer, note, now)
    return row.id


def _check_may_consent(session: Session, reviewer: Reviewer, notice: Correction) -> None:
    proposer = accounts.staff(session, notice.opened_by)
    same = proposer is not None and proposer.person_index and proposer.person_index == reviewer.person_index
    if notice.opened_by == reviewer.id or same:
        raise Forbidden("own_proposal", N_("自己提的再次补正，要别人来同意"))
    if not may_consent(reviewer, notice):
        raise Conflict("not_your_level", N_("这件要由上一级同意"), extra={"level": notice.waits_for})


def may_consent(reviewer: Reviewer, notice: Correction) -> bool:
    """The level that is asked, or one above, and never the proposer."""
    asked = notice.waits_for
    return asked is not None and notice.opened_by != reviewer.id and policy.rank(reviewer.level) >= policy.rank(asked)


def _agree(
    session: Session, case: records.Case, notice: Correction, reviewer: Reviewer, calendar: Calendar, now: datetime
) -> None:
    """The notice goes out in the name of the level that wrote it; the days of waiting are not the applicant's."""
    given = calendar.between(today(notice.opened_at), notice.due_on)
    notice.due_on, notice.waits_for = calendar.add(today(now), given), None
    corrections.record(session, case.row, "correction.consent", claims.actor(reviewer), now, notice.content)
    author = accounts.staff(session, notice.opened_by)
    actor = Actor("staff", "reviewer", notice.opened_by, author.post if author else "")
    corrections.send(session, case, notice, actor=actor, now=now)
    _tell(session, notice.opened_by, GIVEN, case.row, notice, now)


def _refuse(
    session: Session, case: records.Case, notice: Correction, reviewer: Reviewer, note: str, now: datetime
) -> None:
    """The case goes on at the clerk's desk."""
    if not note.strip():
        words = N_("请写明为什么不同意，提出的人会看到")
        raise Invalid("note_missing", words, errors={"note": [words]})
    corrections.keep(case, notice, corrections.read(case, notice) | {"refusal": note.strip()})
    notice.closed_at, notice.closed_as = now, corrections.REFUSED
    corrections.record(session, case.row, "correction.refuse", claims.actor(reviewer), now, notice.content)
    _tell(session, notice.opened_by, REFUSED, case.row, notice, now)


def drop(session: Session, *, reviewer: Reviewer, number: str, now: datetime) -> int:
    """Take a proposal back, by whoever wrote it or a superior; the case can be decided again."""
    row = claims.in_jurisdiction(session, reviewer, number)
    hands.check_parties(session, reviewer, row)
    notice = waiting(session, row.id)
    if notice is None:
        raise Conflict("nothing_proposed", N_("现在没有等同意的补正，可能已经有人处理过了"))
    if not may_drop(reviewer, notice):
        raise Conflict("not_your_proposal", N_("要由提出的人或上级撤回"))
    notice.closed_at, notice.closed_as = now, corrections.DROPPED
    corrections.record(session, row, "correction.drop", claims.actor(reviewer), now, notice.content)
    return row.id


def may_drop(reviewer: Reviewer, notice: Correction) -> bool:
    """Its author, or a level above the author's."""
    return notice.opened_by == reviewer.id or policy.rank(reviewer.level) > policy.rank(notice.level)


def move(session: Session, notice: Correction, row: Application, *, now: datetime) -> bool:
    """Ask elsewhere when nobody is left where it waits; without anybody the proposal ends. Whether it changed."""
    author = accounts.staff(session, notice.opened_by)
    if author is None:
        return False
    proposer = Reviewer(author.id, author.level, author.region, author.post, author.person_index)
    asked = consenters(session, row, proposer=proposer)
    if asked is None:
        notice.closed_at, notice.closed_as = now, corrections.REFUSED
        corrections.record(session, row, "correction.moot", SYSTEM, now, notice.content)
        _tell(session, notice.opened_by, MOOT, row, notice, now)
    elif asked.level != notice.waits_for:
        notice.waits_for = asked.level
        corrections.record(session, row, "correction.reroute", SYSTEM, now, notice.content)
        _ask(session, row, notice, asked, now)
    else:
        return False
    return True
