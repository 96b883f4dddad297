"""How a list of the staff walks the table: along stretches of one index each, so that no filter and no depth walks
more of it than a bounded look.

A lane is a place (village, town, county) and perhaps a queue, a status or an item: the first columns of an index whose
next ones, ``due_at`` and ``id``, are the order of every list. What a lane cannot say (the rest) is asked of the cases
in a window of it; where the window ends before the page is full, the page ends there and its cursor goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, Subquery, Table, select, union_all
from sqlalchemy.orm import Session

from backend.models.application import Application

#: Cases a page looks through: most pages fill from the first window, and none looks further than the second.
WINDOWS = (100, 2000)
TABLE = cast(Table, Application.__table__)
#: The second column of an index, by its kind.
SECOND = {"queue": "queue", "status": "status", "item": "service_item", "due": None}

#: ``due_at`` and ``id`` of the case after which a page begins, or where a look ended.
Place = tuple[datetime, int]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lane:
    """The head of one index: ``place`` is its first column and ``code`` that column's value."""

    place: str
    code: str
    kind: str = "due"
    value: str = ""

    @property
    def index(self) -> str:
        return f"ix_application_{self.place}_{self.kind}"

    def conditions(self) -> list[ColumnElement[bool]]:
        second = SECOND[self.kind]
        found = [TABLE.c[self.place] == self.code]
        return found if second is None else [*found, TABLE.c[second] == self.value]


@dataclass(frozen=True, slots=True)
class Walk:
    """What a list asks for: lanes (one after another by deadline), bounds of ``due_at``, the rest, the direction."""

    lanes: tuple[Lane, ...]
    bounds: tuple[ColumnElement[bool], ...] = ()
    rest: tuple[ColumnElement[bool], ...] = ()
    newest: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of a page; ``end``: where the next one begins; ``looked``: the page is short, because the look ended."""

    rows: list[Row[Any]]
    end: Place | None
    looked: bool = False


def page(session: Session, walk: Walk, query: Select[Any], values: Values, *, after: Place | None, limit: int) -> Found:
    """Up to ``limit`` rows of ``query`` (columns of the case and joins to it) in the order of the walk.

    ``values``: of the parameters that the query names.
    """
    if not walk.rest:
        rows = _rows(session, walk, query, values, after, limit + 1, limit)
        return Found(rows[:limit], _place(rows[limit - 1]) if len(rows) > limit else None)
    found = Found([], None)
    for window in WINDOWS:
        found = _looked(session, walk, query, values, after, max(window, limit + 1), limit)
        if not found.looked:
            return found
    return found


def some(walk: Walk, most: int) -> Select[Any]:
    """Ids of up to ``most`` cases, for counts; of a walk with a rest, those in one window."""
    stretches = _stretches(walk, None, WINDOWS[-1] if walk.rest else most)
    looked = _union(stretches)
    if not walk.rest:
        return select(looked.c.row).limit(most)
    return select(TABLE.c.id).join(looked, looked.c.row == TABLE.c.id).where(*walk.rest).limit(most)


def _looked(
    session: Session, walk: Walk, query: Select[Any], values: Values, after: Place | None, window: int, limit: int
) -> Found:
    """One window: nothing is shown beyond the nearest end of a stretch that goes on, or cases would be skipped."""
    rows = _rows(session, walk, query, values, after, window, limit)
    ends = [_place(end) for end in session.execute(_ends(walk, after, window))]
    if not ends:
        return Found(rows[:limit], _place(rows[limit - 1]) if len(rows) > limit else None)
    end = max(ends) if walk.newest else min(ends)
    near = [row for row in rows if (_place(row) >= end if walk.newest else _place(row) <= end)]
    if len(near) > limit:
        return Found(near[:limit], _place(near[limit - 1]))
    return Found(near, end, looked=True)


def _rows(
    session: Session, walk: Walk, query: Select[Any], values: Values, after: Place | None, window: int, limit: int
) -> list[Row[Any]]:
    looked = _union(_stretches(walk, after, window))
    order = (looked.c.due.desc(), looked.c.row.desc()) if walk.newest else (looked.c.due, looked.c.row)
    whole = query.add_columns(looked.c.due, looked.c.row).join(looked, looked.c.row == TABLE.c.id).where(*walk.rest)
    return list(session.execute(whole.order_by(*order).limit(limit + 1), values))


def _ends(walk: Walk, after: Place | None, window: int) -> Select[Any]:
    """The last case of each stretch that is longer than the window: never deeper than the window, whatever the page."""
    last = [stretch.limit(1).offset(window - 1) for stretch in _stretches(walk, after, window)]
    ends = _union(last)
    return select(ends.c.due, ends.c.row)


def _union(stretches: Sequence[Select[Any]]) -> Subquery:
    parts = [select(stretch.subquery()) for stretch in stretches]
    return (parts[0] if len(parts) == 1 else union_all(*parts)).subquery("looked")


def _stretches(walk: Walk, after: Place | None, window: int) -> list[Select[Any]]:
    """After a place there are two a lane: the rest of its moment (many cases share a last day), and what follows."""
    return [
        _stretch(walk, lane, beyond).limit(window)
        for lane in walk.lanes
        for beyond in (_beyond(after, newest=walk.newest) if after else [()])
    ]


def _beyond(after: Place, *, newest: bool) -> list[tuple[ColumnElement[bool], ...]]:
    due, row = TABLE.c.due_at, TABLE.c.id
    moment, last = after
    if newest:
        return [(due == moment, row < last), (due < moment,)]
    return [(due == moment, row > last), (due > moment,)]


def _stretch(walk: Walk, lane: Lane, beyond: tuple[ColumnElement[bool], ...]) -> Select[Any]:
    """The index is named: left alone, MariaDB 10.11 takes the same one but walks it from the jurisdiction's first case
    (400 ms in the depth of a million instead of 1 ms)."""
    due, row = TABLE.c.due_at, TABLE.c.id
    conditions = (*lane.conditions(), due.is_not(None), *walk.bounds, *beyond)
    query = select(due.label("due"), row.label("row")).where(*conditions)
    hint = f"FORCE INDEX ({lane.index})"
    query = query.with_hint(TABLE, hint, "mysql").with_hint(TABLE, hint, "mariadb")
    return query.order_by(due.desc(), row.desc()) if walk.newest else query.order_by(due, row)


def _place(row: Row[Any]) -> Place:
    return row.due, row.row
