"""The queues of staff: cases by jurisdiction and deadline, what each line says, counts that stay cheap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, defer

from backend.accounts import queries as accounts
from backend.applications import claims, policy, views
from backend.applications.policy import Reviewer
from backend.applications.queries import Page
from backend.catalogue import queries as catalogue
from backend.kernel import cursors
from backend.lifecycles.application import REVIEWABLE, ApplicationStatus as S
from backend.models.application import Application

#: Counts stop here: a queue shows "99+", and never walks a table.
MOST_COUNTED = 100
#: "Soon" is the last so many days before the deadline.
SOON = timedelta(days=2)


#: A list shows nothing of these, and they are long.
_UNREAD = (defer(Application.answers, raiseload=True), defer(Application.holder, raiseload=True))


@dataclass(frozen=True, slots=True)
class Filter:
    """What a clerk asks for; ``turn``: only cases that wait for the clerk's own level."""

    status: str | None = None
    region: str | None = None
    service_item: str | None = None
    owner: str | None = None
    due: str | None = None
    turn: bool = False


def page(
    session: Session, *, reviewer: Reviewer, wanted: Filter, limit: int, cursor: str | None, now: datetime
) -> Page:
    """Cases of the jurisdiction by deadline; keyset, so the millionth page costs what the first does."""
    query = _ordered(select(Application).options(*_UNREAD), reviewer, wanted).where(*_conditions(reviewer, wanted, now))
    after = cursors.read(cursor)
    if after:
        moment, row_id = after
        later = and_(Application.due_at == moment, Application.id > row_id)
        query = query.where(Application.due_at >= moment, or_(Application.due_at > moment, later))
    rows = list(session.scalars(query.order_by(Application.due_at, Application.id).limit(limit + 1)))
    shown = rows[:limit]
    holding = holders(session, shown, now)
    items = [line(session, reviewer, row, holding, now) for row in shown]
    last = shown[-1] if len(rows) > limit else None
    return Page(items, cursors.make(last.due_at, last.id) if last and last.due_at else None)


def _ordered(query: Select[Any], reviewer: Reviewer, wanted: Filter) -> Select[Any]:
    """Name the index that has the list's order: left alone, MariaDB 10.11 takes the same one but walks it from the
    jurisdiction's first case (400 ms in the depth of a million instead of 1 ms). One's own cases are few."""
    if wanted.owner == "me":
        return query
    kind = "queue" if wanted.turn or wanted.owner == "none" else "status" if wanted.status else "due"
    hint = f"FORCE INDEX (ix_application_{reviewer.level}_{kind})"
    return query.with_hint(Application, hint, "mysql").with_hint(Application, hint, "mariadb")


def _conditions(reviewer: Reviewer, wanted: Filter, now: datetime) -> list[ColumnElement[bool]]:
    """The jurisdiction first: it is the first column of every index these lists use."""
    ancestor: InstrumentedAttribute[str] = getattr(Application, reviewer.level)
    found = [ancestor == reviewer.region, Application.due_at.is_not(None)]
    if wanted.turn:
        found.append(Application.queue == reviewer.level)
    if wanted.status:
        found.append(Application.status == wanted.status)
    if wanted.region:
        found.append(_inside(wanted.region))
    if wanted.service_item:
        found.append(Application.service_item == wanted.service_item)
    return found + _claimed(reviewer, wanted.owner, now) + _late(wanted.due, now)


def _inside(region: str) -> ColumnElement[bool]:
    """A county, town or village by its code, whole or as prefix."""
    code = region.ljust(12, "0")
    return or_(Application.village == code, Application.town == code, Application.county == code)


def _claimed(reviewer: Reviewer, owner: str | None, now: datetime) -> list[ColumnElement[bool]]:
    if owner == "me":
        return [Application.claimed_by == reviewer.id, Application.claimed_until > now]
    if owner == "none":
        free = or_(Application.claimed_until.is_(None), Application.claimed_until <= now)
        return [Application.queue == reviewer.level, free]
    return []


def _late(due: str | None, now: datetime) -> list[ColumnElement[bool]]:
    waiting = Application.status.in_(REVIEWABLE)
    if due == "overdue":
        return [waiting, Application.due_at <= now]
    if due == "soon":
        return [waiting, Application.due_at > now, Application.due_at <= now + SOON]
    return []


def counts(session: Session, *, reviewer: Reviewer, now: datetime) -> dict[str, int]:
    """How many per view, counted to ``MOST_COUNTED`` and no further."""
    views_of = {
        "todo": Filter(turn=True),
        "mine": Filter(owner="me"),
        "unclaimed": Filter(owner="none"),
        "overdue": Filter(due="overdue", turn=True),
        "soon": Filter(due="soon", turn=True),
    }
    return {name: _count(session, _conditions(reviewer, wanted, now)) for name, wanted in views_of.items()}


def _count(session: Session, conditions: list[ColumnElement[bool]]) -> int:
    some = select(Application.id).where(*conditions).limit(MOST_COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def line(
    session: Session, reviewer: Reviewer, row: Application, holders: dict[int, str], now: datetime
) -> dict[str, Any]:
    """One case in a queue: masked, with its deadline and who has it."""
    definition = catalogue.definition(session, row.service_item, row.service_item_version)
    return {
        "number": row.number,
        "version": row.version,
        "service_item": row.service_item,
        "service_name": definition.name,
        "holder_masked": row.holder_masked,
        "region": row.region,
        "status": row.status,
        "status_label": views.label(row),
        "level": row.queue or None,
        "level_label": views.LEVEL_NAMES[row.queue] if row.queue else None,
        "submitted_at": views.iso(row.submitted_at),
        "due_on": views.iso(row.due_on),
        "due": lateness(row, now),
        "revision": row.revision,
        "claim": _claim(reviewer, row, holders, now),
        "allowed_actions": actions(reviewer, row, now),
    }


def lateness(row: Application, now: datetime) -> str:
    """``overdue``, ``soon``, ``in_time``, or ``stopped`` while nobody's clock runs."""
    if row.status not in REVIEWABLE or row.due_at is None:
        return "stopped"
    if row.due_at <= now:
        return "overdue"
    return "soon" if row.due_at <= now + SOON else "in_time"


def _claim(reviewer: Reviewer, row: Application, holders: dict[int, str], now: datetime) -> dict[str, Any] | None:
    if row.claimed_by is None or row.claimed_until is None or row.claimed_until <= now:
        return None
    return {
        "post": holders.get(row.claimed_by, ""),
        "until": views.iso(row.claimed_until),
        "mine": row.claimed_by == reviewer.id,
    }


def holders(session: Session, rows: list[Application], now: datetime) -> dict[int, str]:
    """Posts of those who hold a case, by staff id."""
    holding = {row.claimed_by for row in rows if row.claimed_by and row.claimed_until and row.claimed_until > now}
    return accounts.posts(session, holding) if holding else {}


def actions(reviewer: Reviewer, row: Application, now: datetime) -> list[str]:
    """What this clerk may do with this case now."""
    if row.status in (S.APPROVED, S.ISSUED, S.REJECTED):
        return ["reopen"] if row.decided_level and policy.rank(reviewer.level) >= policy.rank(row.decided_level) else []
    if row.status not in REVIEWABLE or row.queue != reviewer.level:
        return []
    if not claims.holds(reviewer, row, now):
        free = row.claimed_until is None or row.claimed_until <= now
        return ["claim"] if free else []
    decisions = ["approve", "reject", "return", "request_correction", "release"]
    return ["accept", *decisions] if row.status == S.SUBMITTED else decisions
