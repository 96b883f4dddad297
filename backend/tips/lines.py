"""The list of tips: days and statuses for whoever may open them; names only while their key is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from backend.kernel import sealing
from backend.lifecycles.tip import ENDED, OPEN, TipStatus
from backend.models.tip import Tip, TipEntry, TipKey
from backend.tips import entries

#: What a list shows: what is worked on, what is late, what has an outcome, everything.
VIEWS = ("open", "overdue", "ended", "all")
#: What has come and nobody has answered: a report that was never opened, or words of its reporter.
NEW, REPLY = "new", "reply"
_LAST = aliased(TipEntry)
_ROOT = aliased(TipKey)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list. ``summary``: kind, category and name of the target; ``None`` while locked.

    ``overdue``: a day has passed on which something was due; ``news``: ``new``, ``reply`` or nothing.
    """

    id: str
    status: str
    received_on: date
    acknowledge_by: date | None
    acknowledged_on: date | None
    answer_by: date | None
    answered_on: date | None
    escalated_on: date | None
    merged_into: str | None
    overdue: bool
    news: str | None
    summary: dict[str, Any] | None


def listing(
    session: Session,
    *,
    investigator_id: str,
    private: bytes | None,
    day: date,
    view: str = "all",
    status: str | None = None,
    after: tuple[date, str] | None = None,
    limit: int,
) -> list[Listed]:
    """Released tips that are sealed to this investigator, the newest days first; one more than ``limit``."""
    query = _shown(investigator_id).where(*_view(view, day))
    if status is not None:
        query = query.where(Tip.status == status)
    if after is not None:
        before, last = after
        query = query.where(or_(Tip.received_on < before, and_(Tip.received_on == before, Tip.id < last)))
    found = session.execute(query.order_by(Tip.received_on.desc(), Tip.id.desc()).limit(limit + 1)).all()
    reports = {} if private is None else _reports(session, [row.Tip.id for row in found])
    return [
        line(row.Tip, row.kind, _opened(private, row.sealed, reports.get(row.Tip.id)), goes_on=row.goes_on, day=day)
        for row in found
    ]


def line(tip: Tip, last: str | None, found: dict[str, Any] | None, *, goes_on: str | None, day: date) -> Listed:
    """``last``: kind of the last entry, where it is the reporter's; ``goes_on``: as ``going_on`` tells."""
    return Listed(
        tip.id,
        tip.status,
        tip.received_on,
        tip.acknowledge_by,
        tip.acknowledged_on,
        tip.answer_by,
        tip.answered_on,
        tip.escalated_on,
        goes_on,
        _late(tip, day),
        _news(tip, last),
        found,
    )


def summary(report: dict[str, Any] | None) -> dict[str, Any] | None:
    """What the list shows of a report."""
    if report is None:
        return None
    target = report["target"]
    return {"category": report["category"], "kind": target["kind"], "name": target["name"], "region": target["region"]}


def going_on(investigator_id: str) -> ColumnElement[str | None]:
    """Which tip goes on instead of this one; none where it is not sealed to them: for them it does not exist."""
    theirs = (_ROOT.tip_id == Tip.merged_into, _ROOT.holder == investigator_id)
    return select(_ROOT.tip_id).where(*theirs).correlate(Tip).scalar_subquery()


def overdue(day: date) -> ColumnElement[bool]:
    """What should have been looked at or answered before this day."""
    unseen = and_(Tip.acknowledged_on.is_(None), Tip.acknowledge_by < day)
    return and_(Tip.status.in_(OPEN), or_(unseen, and_(Tip.answered_on.is_(None), Tip.answer_by < day)))


def _late(tip: Tip, day: date) -> bool:
    """The same of a row at hand."""
    unseen = tip.acknowledged_on is None and tip.acknowledge_by is not None and tip.acknowledge_by < day
    silent = tip.answered_on is None and tip.answer_by is not None and tip.answer_by < day
    return tip.status in OPEN and (unseen or silent)


def _news(tip: Tip, last: str | None) -> str | None:
    if tip.acknowledged_on is None and tip.status in OPEN:
        return NEW
    return REPLY if last in (entries.MESSAGE, entries.EVIDENCE) and tip.status != TipStatus.CLOSED else None


def _shown(investigator_id: str) -> Select[Tip, bytes, str, str | None]:
    """What is sealed to this one, with the kind of the last entry where that is the reporter's."""
    theirs = and_(_LAST.tip_id == Tip.id, _LAST.number == Tip.entries, _LAST.author == entries.REPORTER)
    return (
        select(Tip, TipKey.sealed, _LAST.kind, going_on(investigator_id).label("goes_on"))
        .join(TipKey, and_(TipKey.tip_id == Tip.id, TipKey.holder == investigator_id))
        .outerjoin(_LAST, theirs)
        .where(Tip.released_on.is_not(None))
    )


def _view(view: str, day: date) -> list[ColumnElement[bool]]:
    match view:
        case "open":
            return [Tip.status.in_(OPEN)]
        case "overdue":
            return [overdue(day)]
        case "ended":
            return [Tip.status.in_((*ENDED, TipStatus.CLOSED))]
    return []


def _reports(session: Session, tip_ids: Sequence[str]) -> dict[str, TipEntry]:
    query = select(TipEntry).where(TipEntry.tip_id.in_(tip_ids), TipEntry.kind == entries.REPORT)
    return {row.tip_id: row for row in session.scalars(query)}


def _opened(private: bytes | None, sealed: bytes, report: TipEntry | None) -> dict[str, Any] | None:
    if private is None or report is None:
        return None
    return summary(entries.opened(sealing.open_from(private, sealed), report).content)
