"""The queues of staff: cases by jurisdiction and deadline, what each line says, counts that stay cheap."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, Table, and_, bindparam, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.applications import claims, hands, lanes, policy, seen, views
from backend.applications.lanes import Lane, Walk
from backend.applications.policy import Reviewer
from backend.applications.queries import Page
from backend.catalogue import queries as catalogue
from backend.kernel import cursors
from backend.kernel.clock import today
from backend.lifecycles.application import REVIEWABLE, ApplicationStatus as S
from backend.models.application import Application, CaseSeen
from backend.models.staff import Staff

#: Counts stop here: a queue shows "99+", and never walks a table.
MOST_COUNTED = 100
#: "Soon" is the last so many days before the deadline.
SOON = timedelta(days=2)
#: The views of the console and what each asks for.
VIEWS: dict[str, dict[str, Any]] = {
    "todo": {"turn": True},
    "mine": {"owner": "me"},
    "unclaimed": {"owner": "none"},
    "overdue": {"due": "overdue", "turn": True},
    "soon": {"due": "soon", "turn": True},
    "waiting": {"status": S.CORRECTION.value},
    "notice": {"status": S.IN_NOTICE.value},
    "all": {"newest": True},
}
#: Where a level means the level that asked: nobody's turn.
STANDING = (S.CORRECTION, S.IN_NOTICE)

#: The table's columns: lists run below the ORM, which costs more than the database on pages of twenty.
CASE, SEEN, STAFF = lanes.TABLE.c, cast(Table, CaseSeen.__table__).c, cast(Table, Staff.__table__).c
#: What a line shows: columns instead of whole rows, whose answers are long and stay unread.
COLUMNS = (
    CASE.id,
    CASE.number,
    CASE.version,
    CASE.service_item,
    CASE.service_item_version,
    CASE.holder_masked,
    CASE.region,
    CASE.status,
    CASE.ended_as,
    CASE.level,
    CASE.queue,
    CASE.decided_level,
    CASE.submitted_at,
    CASE.due_on,
    CASE.due_at,
    CASE.expires_at,
    CASE.revision,
    CASE.claimed_by,
    CASE.claimed_until,
    CASE.audit_sequence,
)
#: A line's columns with the post of whoever holds the case, and how far the clerk ``reader`` has read it.
SELECTED: Select[Any] = (
    select(*COLUMNS, STAFF.post.label("holder_post"), SEEN.sequence.label("seen"))
    .outerjoin(Staff.__table__, STAFF.id == CASE.claimed_by)
    .outerjoin(CaseSeen.__table__, and_(SEEN.application_id == CASE.id, SEEN.staff_id == bindparam("reader")))
)
CaseRow = Application | Row[Any]


@dataclass(frozen=True, slots=True)
class Filter:
    """What a clerk asks for; ``turn``: only cases that wait for the clerk's own level.

    ``level``: whose turn it is, ``any`` for every level (instead of ``turn``); ``older_than_days``: handed in before
    that; ``newest``: the latest deadline first.
    """

    status: str | None = None
    region: str | None = None
    service_item: str | None = None
    owner: str | None = None
    due: str | None = None
    turn: bool = False
    level: str | None = None
    older_than_days: int | None = None
    newest: bool = False


def of_view(view: str | None, **given: Any) -> Filter:
    """The filter of a view, narrowed by what else was asked for. Old cases come oldest first."""
    asked = {name: value for name, value in given.items() if value is not None and value is not False}
    whole = (VIEWS[view] if view else {}) | asked
    return Filter(**whole | ({"newest": False} if whole.get("older_than_days") else {}))


def page(
    session: Session, *, reviewer: Reviewer, wanted: Filter, limit: int, cursor: str | None, now: datetime
) -> Page:
    """Cases of the jurisdiction by deadline; keyset, so the millionth page costs what the first does.

    A page may be short and still have a cursor: then the look ended, and the next page looks further.
    """
    after = cursors.read(cursor)
    if wanted.owner == "me":
        rows = list(session.execute(_mine(reviewer, wanted, now, after).limit(limit + 1), {"reader": reviewer.id}))
        shown = rows[:limit]
        last = shown[-1] if len(rows) > limit else None
        return Page(lines(session, reviewer, shown, now), cursors.make(last.due_at, last.id) if last else None)
    walk = _walk(reviewer, wanted, now)
    if walk is None:
        return Page([], None)
    found = lanes.page(session, walk, SELECTED, {"reader": reviewer.id}, after=after, limit=limit)
    return Page(lines(session, reviewer, found.rows, now), cursors.make(*found.end) if found.end else None)


def lines(session: Session, reviewer: Reviewer, rows: Collection[Row[Any]], now: datetime) -> list[dict[str, Any]]:
    """Rows of ``SELECTED`` as lines; one more statement where something happened since the clerk looked."""
    read = {row.id: row.seen for row in rows if row.seen is not None and row.seen < row.audit_sequence}
    fresh = seen.news(session, reviewer=reviewer, read=read)
    posts = {row.claimed_by: row.holder_post or "" for row in rows if row.claimed_by}
    found = [
        line(session, reviewer, row, posts, now, opened=row.seen is not None, news=fresh.get(row.id, ()))
        for row in rows
    ]
    hands.mark(session, reviewer, rows, found)
    return found


def _walk(reviewer: Reviewer, wanted: Filter, now: datetime) -> Walk | None:
    """Along which indexes the list goes, and what is asked of each case besides; ``None``: nothing can match."""
    region = wanted.region or reviewer.region
    place = catalogue.level_of(region)
    inside = region == reviewer.region or reviewer.region in catalogue.ancestors(region)
    if not inside or (wanted.due and wanted.status and wanted.status not in REVIEWABLE):
        return None
    queues = _queues(reviewer, wanted)
    open_only = queues and wanted.status in (None, *REVIEWABLE)
    rest = _rest(wanted, now)
    if open_only:
        found = [Lane(place, region, "queue", queue) for queue in queues]
        rest += _is(CASE.status, wanted.status) + _is(CASE.service_item, wanted.service_item)
    elif wanted.status:
        found = [Lane(place, region, "status", wanted.status)]
        rest += _is(CASE.service_item, wanted.service_item) + _standing(wanted.status, queues)
    elif wanted.service_item and place != "village":
        found = [Lane(place, region, "item", wanted.service_item)]
    else:
        found = [Lane(place, region)]
        rest += _is(CASE.service_item, wanted.service_item)
    return Walk(tuple(found), tuple(_bounds(wanted.due, now)), tuple(rest), wanted.newest)


def _queues(reviewer: Reviewer, wanted: Filter) -> tuple[str, ...]:
    """The levels whose turn it must be; empty when that does not matter."""
    if wanted.level in policy.LEVELS:
        return (wanted.level,)
    if wanted.level is None and (wanted.turn or wanted.owner == "none"):
        return (reviewer.level,)
    return policy.LEVELS if wanted.due or wanted.turn or wanted.owner == "none" else ()


def _is(column: Any, value: str | None) -> list[ColumnElement[bool]]:
    return [column == value] if value else []


def _standing(status: str, queues: tuple[str, ...]) -> list[ColumnElement[bool]]:
    if not queues:
        return []
    return [(CASE.level if status in STANDING else CASE.queue).in_(queues)]


def _bounds(due: str | None, now: datetime) -> list[ColumnElement[bool]]:
    if due == "overdue":
        return [CASE.due_at <= now]
    return [CASE.due_at > now, CASE.due_at <= now + SOON] if due == "soon" else []


def _rest(wanted: Filter, now: datetime) -> list[ColumnElement[bool]]:
    """What no index says."""
    rest: list[ColumnElement[bool]] = []
    if wanted.owner == "none":
        rest.append(or_(CASE.claimed_until.is_(None), CASE.claimed_until <= now))
    if wanted.older_than_days:
        rest.append(CASE.submitted_at <= now - timedelta(days=wanted.older_than_days))
    return rest


def _mine(reviewer: Reviewer, wanted: Filter, now: datetime, after: lanes.Place | None) -> Select[Any]:
    """What the clerk holds: few cases, found by the claim."""
    query = SELECTED.where(CASE.claimed_by == reviewer.id, CASE.claimed_until > now)
    query = query.where(*_rest(wanted, now), *_bounds(wanted.due, now), *_is(CASE.status, wanted.status))
    query = query.where(*_is(CASE.service_item, wanted.service_item), CASE.due_at.is_not(None))
    if wanted.region:
        query = query.where(CASE[catalogue.level_of(wanted.region)] == wanted.region)
    if after:
        later = and_(CASE.due_at == after[0], CASE.id > after[1])
        query = query.where(or_(CASE.due_at > after[0], later))
    return query.order_by(CASE.due_at, CASE.id)


def counts(session: Session, *, reviewer: Reviewer, now: datetime) -> dict[str, int]:
    """How many per view, counted to ``MOST_COUNTED`` and no further; all of them in one statement."""
    parts = []
    for view in VIEWS:
        if view == "all":
            continue  # the whole jurisdiction is never counted
        wanted = of_view(view)
        walk = None if wanted.owner == "me" else _walk(reviewer, wanted, now)
        some = lanes.some(walk, MOST_COUNTED) if walk else _held(reviewer, now)
        parts.append(select(literal(view).label("view"), func.count().label("many")).select_from(some.subquery()))
    return {row.view: row.many for row in session.execute(union_all(*parts))}


def _held(reviewer: Reviewer, now: datetime) -> Select[Any]:
    held = (CASE.claimed_by == reviewer.id, CASE.claimed_until > now)
    return select(CASE.id).where(*held).limit(MOST_COUNTED)


def line(
    session: Session,
    reviewer: Reviewer,
    row: CaseRow,
    holders: Mapping[int, str],
    now: datetime,
    *,
    opened: bool = True,
    news: Collection[str] = (),
) -> dict[str, Any]:
    """One case in a queue: masked, with its age and deadline, who has it, and what is new since this clerk looked."""
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
        "age_days": (today(now) - today(row.submitted_at)).days if row.submitted_at else 0,
        "answer_due_on": _answer_due(row),
        "opened": opened,
        "news": [{"act": act, "label": seen.NEWS[act]} for act in news],
        "due_on": views.iso(row.due_on),
        "due": lateness(row, now),
        "revision": row.revision,
        "claim": _claim(reviewer, row, holders, now),
        "allowed_actions": actions(reviewer, row, now),
    }


def _answer_due(row: CaseRow) -> str | None:
    """The last day for the applicant's answer while one is awaited; ``expires_at`` is the first moment after it."""
    if row.status != S.CORRECTION or row.expires_at is None:
        return None
    return views.iso(today(row.expires_at - timedelta(microseconds=1)))


def lateness(row: CaseRow, now: datetime) -> str:
    """``overdue``, ``soon``, ``in_time``, or ``stopped`` while nobody's clock runs."""
    if row.status not in REVIEWABLE or row.due_at is None:
        return "stopped"
    if row.due_at <= now:
        return "overdue"
    return "soon" if row.due_at <= now + SOON else "in_time"


def _claim(reviewer: Reviewer, row: CaseRow, holders: Mapping[int, str], now: datetime) -> dict[str, Any] | None:
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


def actions(reviewer: Reviewer, row: CaseRow, now: datetime) -> list[str]:
    """What this clerk may do with this case now."""
    if row.status in (S.APPROVED, S.ISSUED, S.REJECTED):
        return ["reopen"] if row.decided_level and policy.rank(reviewer.level) >= policy.rank(row.decided_level) else []
    if row.status not in REVIEWABLE or row.queue != reviewer.level:
        return []
    if not claims.holds(reviewer, cast(Application, row), now):
        free = row.claimed_until is None or row.claimed_until <= now
        return ["claim"] if free else []
    decisions = ["approve", "reject", "return", "request_correction", "release"]
    return ["accept", *decisions] if row.status == S.SUBMITTED else decisions
