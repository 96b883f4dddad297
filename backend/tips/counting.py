"""What survives of tips: how many of a year came to what. Shown when the year is over, in cells of five or more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.events import rows
from backend.lifecycles.tip import TipStatus
from backend.models.tip import TipCount

#: Fewer could be told apart.
LEAST = 5
OUTCOMES = (TipStatus.SUBSTANTIATED.value, TipStatus.UNSUBSTANTIATED.value, TipStatus.CLOSED.value)


@dataclass(frozen=True, slots=True)
class Cell:
    """``year``: in which they were destroyed; ``outcome``: ``closed`` where nothing was decided."""

    year: int
    outcome: str
    number: int


def add(session: Session, *, county: str, year: int, outcome: str | None) -> None:
    """One more, in the transaction that removes the tip."""
    key = {"county": county, "year": year, "outcome": outcome or TipStatus.CLOSED.value}
    row = session.get(TipCount, tuple(key.values()), with_for_update=True)
    if row is None:
        rows.chain(session, TipCount, key | {"number": 1})
    else:
        row.number += 1
        session.flush()


def shown(session: Session, *, county: str, today: date) -> Sequence[Cell]:
    """Years that are over and cells that hide everybody in them; no sums, from which a small one could be reckoned."""
    query = (
        select(TipCount.year, TipCount.outcome, TipCount.number)
        .where(TipCount.county == county, TipCount.year < today.year, TipCount.number >= LEAST)
        .order_by(TipCount.year, TipCount.outcome)
    )
    return [Cell(row.year, row.outcome, row.number) for row in session.execute(query)]
