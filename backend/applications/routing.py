"""Whose turn it is: the offices above a place, and who works in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.applications import policy
from backend.models.application import Application
from backend.models.region import Office
from backend.models.staff import Staff


def offices(session: Session, row: Application) -> dict[str, policy.Office]:
    """The offices of the case's village, town and county with their staffing, in one statement."""
    places = {row.village: "village", row.town: "town", row.county: "county"}
    columns = (Office.region, Office.name, Office.phone, staffed(Office.region))
    with session.no_autoflush:  # a case that is being changed is written once, at the end
        found = session.execute(select(*columns).where(Office.region.in_([place for place in places if place]))).all()
    ways = {places[o.region]: policy.Office(places[o.region], o.region, o.name, o.phone, bool(o[3])) for o in found}
    return {level: ways[level] for level in policy.LEVELS if level in ways}


def staffed(region: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether an active reviewer works in the office of a region."""
    works_there = (Staff.region == region, Staff.role == "reviewer", Staff.active.is_(True))
    return select(Staff.id).where(*works_there).exists()


def after_approval(row: Application, levels: Sequence[str], found: Mapping[str, policy.Office]) -> policy.Turn | None:
    """Who gets the case when the level at work approves; ``None`` when that approval is final."""
    following = levels.index(row.level) + 1
    beyond = policy.turn(levels, following, found) if following < len(levels) else None
    return beyond if beyond and policy.rank(beyond.office.level) > policy.rank(row.queue) else None


def give_turn(row: Application, turn: policy.Turn) -> None:
    """Put a case into the queue of an office and take it out of every hand."""
    row.level, row.queue = turn.level, turn.office.level
    let_go(row)


def leave_queue(row: Application) -> None:
    """Nobody's turn: waiting for the applicant, or decided."""
    row.queue = ""
    let_go(row)


def let_go(row: Application) -> None:
    """End the claim; the fence stays, so that a late write of its holder is refused."""
    row.claimed_by = row.claimed_until = None
