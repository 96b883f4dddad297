"""How often one institution was reported: tips, months, outcomes. Never of fewer than two tips, never of a person
other than the target, and only while the key is open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from backend.kernel import sealing
from backend.models.tip import Tip, TipEntry, TipKey
from backend.tips import entries, lines
from backend.tips.unlocking import Opener

#: Fewer than so many are no pattern.
LEAST = 2
MOST = 50


@dataclass(frozen=True, slots=True)
class Pattern:
    """One target. ``outcomes``: status → number of tips; ``months``: in how many calendar months they came."""

    target: dict[str, Any]
    tips: int
    months: int
    first_on: date
    last_on: date
    outcomes: dict[str, int]


def patterns(session: Session, *, opener: Opener) -> list[Pattern]:
    """The targets of at least two tips that this investigator may open, the most reported first; three statements."""
    mine = and_(TipKey.tip_id == Tip.id, TipKey.holder == opener.id)
    often = (
        select(Tip.target_index)
        .join(TipKey, mine)
        .where(Tip.released_on.is_not(None))
        .group_by(Tip.target_index)
        .having(func.count() >= LEAST)
        .order_by(func.count().desc(), Tip.target_index)
        .limit(MOST)
    )
    order = list(session.scalars(often))
    query = select(Tip.target_index, Tip.id, Tip.status, Tip.received_on, TipKey.sealed).join(TipKey, mine)
    query = query.where(Tip.target_index.in_(order), Tip.released_on.is_not(None)).order_by(Tip.id)
    groups: dict[str, list[Row[*tuple[Any, ...]]]] = {index: [] for index in order}
    for row in session.execute(query):
        groups[row.target_index].append(row)
    names = _names(session, opener, [rows[0] for rows in groups.values() if rows])
    return [_pattern(rows, names[index]) for index, rows in groups.items() if index in names]


def months(days: Iterable[date]) -> int:
    """In how many calendar months these days lie."""
    return len({(day.year, day.month) for day in days})


def _pattern(rows: list[Row[*tuple[Any, ...]]], target: dict[str, Any]) -> Pattern:
    days = [row.received_on for row in rows]
    outcomes = Counter(row.status for row in rows)
    return Pattern(target, len(rows), months(days), min(days), max(days), dict(outcomes))


def _names(session: Session, opener: Opener, rows: list[Row[*tuple[Any, ...]]]) -> dict[str, dict[str, Any]]:
    """Target index → what one report says of it."""
    query = select(TipEntry).where(TipEntry.tip_id.in_([row.id for row in rows]), TipEntry.kind == entries.REPORT)
    reports = {row.tip_id: row for row in session.scalars(query)}
    found = {}
    for row in rows:
        report = reports.get(row.id)
        key = sealing.open_from(opener.private, row.sealed)
        target = lines.summary(entries.opened(key, report).content) if report else None
        if target:
            found[row.target_index] = {name: target[name] for name in ("kind", "name", "region")}
    return found
