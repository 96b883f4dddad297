"""Public notices 公示: opened by an approval, ended with their last day or when the case leaves, then concluded.

While a notice stands nobody can decide; its end, not a person, makes the approval count (ADR 0017). Commands lock the
case first and its notice after it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, null, or_, select, update
from sqlalchemy.orm import Session

from backend.applications import heartbeats, notice_facts, notice_policy as rules, policy, records, retention, routing
from backend.catalogue import queries as catalogue
from backend.events import audit, moves
from backend.kernel import ids
from backend.kernel.actors import SYSTEM
from backend.kernel.clock import local, today
from backend.kernel.crypto import place
from backend.kernel.errors import Conflict
from backend.kernel.i18n import N_
from backend.kernel.workdays import Calendar
from backend.lifecycles.application import APPLICATION, ApplicationStatus as S
from backend.models.application import Application, ApplicationHistory
from backend.models.notice import Objection, PublicNotice

#: How a notice ended.
COMPLETED, WITHDRAWN, UPHELD = "completed", "withdrawn", "upheld"
#: Moves by which a level said that it found everything in order.
FINDINGS = ("hand_up", "open_notice", "approve")


def owed(session: Session, case: records.Case, beyond: policy.Turn | None) -> int:
    """Working days of notice that the approval at hand brings; 0 for none."""
    if not notice_facts.announces(case.definition):
        return 0
    with session.no_autoflush:  # the case is written once, at the end
        found = session.scalars(
            select(ApplicationHistory.level).where(
                ApplicationHistory.subject_id == case.row.id, ApplicationHistory.move.in_(FINDINGS)
            )
        )
        return rules.owed(case.definition, case.row.level, beyond=beyond.level if beyond else None, found=list(found))


def open_for(session: Session, case: records.Case, *, days: int, calendar: Calendar, now: datetime) -> None:
    """Announce the finding of the level at work from the next working day on; nobody's turn until it is over."""
    row = case.row
    opens_on, closes_on = rules.days_of(calendar, today(now), days)
    with session.no_autoflush:
        shown, number = _shown(session, case, opens_on), _number(session, now)
    session.add(
        PublicNotice(
            id=ids.new_id(now),
            number=number,
            application_id=row.id,
            service_item=row.service_item,
            service_item_version=row.service_item_version,
            level=row.level,
            queue=row.queue,
            village=row.village,
            town=row.town,
            county=row.county,
            names_village="village" in shown,
            opens_on=opens_on,
            closes_on=closes_on,
            shown=shown,
        )
    )
    routing.leave_queue(row)


def _shown(session: Session, case: records.Case, on: date) -> dict[str, Any]:
    row = case.row
    holder = records.open_json(case.seal, row.holder or "{}", place("application", "holder", row.id))
    names = catalogue.region_names(session, [row.village]) if row.village else {}
    return rules.shown(case.definition, holder, case.answers(), village=names.get(row.village, ""), on=on)


def _number(session: Session, now: datetime) -> str:
    day = local(now)
    while True:
        number = ids.number_of("GS", day.year, day.month)
        if session.scalar(select(PublicNotice.id).where(PublicNotice.number == number)) is None:
            return number


def current(session: Session, application_id: int) -> PublicNotice | None:
    """The notice of a case that has not ended; ``None`` when there is none."""
    query = select(PublicNotice).where(PublicNotice.application_id == application_id, PublicNotice.ended_at.is_(None))
    return session.scalar(query.execution_options(populate_existing=True))


def check_over(session: Session, row: Application) -> None:
    """``Conflict`` in_notice, with the last day, while a case is announced: neither a claim nor a decision counts."""
    if row.status != S.IN_NOTICE:
        return
    standing = current(session, row.id)
    until = standing.closes_on if standing else today(row.updated_at)
    words = N_("正在公示，到 %(until)s 为止；公示没有结束，不能领办，也不能决定", until=f"{until:%Y-%m-%d}")
    raise Conflict("in_notice", words, extra={"state": row.status, "until": until.isoformat()})


def end(session: Session, *conditions: ColumnElement[bool], as_: str, now: datetime) -> bool:
    """Take a notice from every page for good: what it showed is wiped, not hidden. False when it had ended before."""
    values = {"ended_at": now, "ended_as": as_, "shown": null()}
    statement = update(PublicNotice).where(PublicNotice.ended_at.is_(None), *conditions).values(values)
    return _rows(session, statement) == 1


def leave(session: Session, row: Application, *, now: datetime) -> None:
    """The case was taken back: its notice, if one stands, goes with it."""
    end(session, PublicNotice.application_id == row.id, as_=WITHDRAWN, now=now)


def open_objections(session: Session, notice_id: int) -> bool:
    """Whether somebody still waits for an answer."""
    query = select(Objection.id).where(Objection.notice_id == notice_id, Objection.answered_at.is_(None))
    return session.scalar(query.limit(1)) is not None


def due(session: Session, *, now: datetime, limit: int) -> list[int]:
    """Notices whose last day is over: those nobody objects to, and those that still show something."""
    waiting = (
        select(Objection.id)
        .where(Objection.notice_id == PublicNotice.id, Objection.answered_at.is_(None))
        .correlate(PublicNotice)
        .exists()
    )
    query = (
        select(PublicNotice.id)
        .where(
            PublicNotice.ended_at.is_(None),
            PublicNotice.closes_on < today(now - rules.GRACE),
            or_(~waiting, PublicNotice.shown.is_not(None)),
        )
        .order_by(PublicNotice.closes_on)
        .limit(limit)
    )
    return list(session.scalars(query))


def conclude(session: Session, *, calendar: Calendar, notice_id: int, now: datetime, at: datetime) -> bool:
    """End one notice whose days are over and let the approval count; whether anything was done.

    Nothing while nobody knows whether the page was there (``at``: the machine's clock); a lost day is made up for
    first. With an open objection the notice is only wiped: the case waits for the answer.
    """
    if heartbeats.unsure(session, at=at):
        return False
    notice, row = _locked(session, notice_id)
    if notice is None or row is None or not rules.over(notice.closes_on, now):
        return False
    if _extended(session, notice, row, heartbeats.lost_days(session, calendar=calendar, at=at), calendar, now):
        return True
    if open_objections(session, notice_id):
        return _rows(session, update(PublicNotice).where(PublicNotice.id == notice_id).values(shown=null())) == 1
    if end(session, PublicNotice.id == notice_id, as_=COMPLETED, now=now):
        _let_count(session, row, notice, now)
    return True


def _let_count(session: Session, row: Application, notice: PublicNotice, now: datetime) -> None:
    """What the approval would have done at once without a notice: the next level, or approved."""
    levels = catalogue.definition(session, row.service_item, row.service_item_version).levels
    row.queue = notice.queue
    beyond = routing.after_approval(row, levels, routing.offices(session, row))
    if beyond is not None:
        moves.apply(session, row, "pass_notice_up", lifecycle=APPLICATION, actor=SYSTEM, now=now)
        routing.give_turn(row, beyond)
        return
    moves.apply(session, row, "pass_notice", lifecycle=APPLICATION, actor=SYSTEM, now=now)
    routing.leave_queue(row)
    retention.start(session, row, now=now)
    row.decided_at = now


def unlucky(session: Session, *, calendar: Calendar, at: datetime, limit: int) -> list[int]:
    """Notices with a day on which nobody could read them and which was not made up for yet."""
    lost = heartbeats.lost_days(session, calendar=calendar, at=at)
    if not lost:
        return []
    counted = PublicNotice.extended_through
    days = [
        and_(PublicNotice.opens_on <= day, PublicNotice.closes_on >= day, or_(counted.is_(None), counted < day))
        for day in lost
    ]
    standing = (PublicNotice.ended_at.is_(None), PublicNotice.closes_on >= lost[0])
    return list(session.scalars(select(PublicNotice.id).where(*standing, or_(*days)).limit(limit)))


def extend(session: Session, *, calendar: Calendar, notice_id: int, now: datetime, at: datetime) -> bool:
    """Make up for the lost days of one notice, once for each; whether anything was done."""
    notice, row = _locked(session, notice_id)
    if notice is None or row is None:
        return False
    return _extended(session, notice, row, heartbeats.lost_days(session, calendar=calendar, at=at), calendar, now)


def _extended(
    session: Session, notice: PublicNotice, row: Application, lost: list[date], calendar: Calendar, now: datetime
) -> bool:
    done = False
    while day := heartbeats.owed_day(notice, lost):
        notice.closes_on = calendar.add(notice.closes_on, 1)
        notice.extended_days += 1
        notice.extended_through = day
        audit.note(session, row, act="notice.extend", actor=SYSTEM, now=now)
        done = True
    return done


def _locked(session: Session, notice_id: int) -> tuple[PublicNotice | None, Application | None]:
    """A standing notice and its case, the case locked; nothing when another process has it in hand."""
    case_id = session.scalar(select(PublicNotice.application_id).where(PublicNotice.id == notice_id))
    query = select(Application).where(Application.id == case_id, Application.status == S.IN_NOTICE.value)
    row = session.scalar(query.with_for_update(skip_locked=True))
    notice = current(session, row.id) if row is not None else None
    return (notice, row) if notice is not None and notice.id == notice_id else (None, None)


def _rows(session: Session, statement: Any) -> int:
    done = cast("CursorResult[Any]", session.execute(statement, execution_options={"synchronize_session": False}))
    return done.rowcount
