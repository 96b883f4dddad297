"""Shredding: the keys of a tip go first, in a commit of their own; what they sealed is rubbish from then on.

Closed for 180 days, or taken back: then keys, contents, log and mailbox go, in this order and in small steps. Whoever
is killed in between leaves rubbish that the next run clears away.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from backend.events import moves
from backend.lifecycles.tip import ENDED, TIP
from backend.models.tip import Mailbox, Tip, TipChunk, TipEntry, TipKey, TipLog
from backend.tips import counting

#: How long a closed tip and its mailbox live, and how long one rests that nobody closed.
KEEP = timedelta(days=180)
PLAIN = {"synchronize_session": False}


def destroy_keys(session: Session, *, tip_ids: Collection[str]) -> None:
    """Nobody opens these tips any more: neither an investigator nor the reporter nor an offline key."""
    session.execute(delete(TipKey).where(TipKey.tip_id.in_(tip_ids)), execution_options=PLAIN)
    session.execute(update(TipEntry).where(TipEntry.tip_id.in_(tip_ids)).values(key=None), execution_options=PLAIN)
    session.execute(delete(Mailbox).where(Mailbox.tip_id.in_(tip_ids)), execution_options=PLAIN)


def close_rested(session: Session, *, limit: int, day: date) -> int:
    """Close what came to its end and was left lying; how many."""
    statuses = [status.value for status in ENDED]
    query = select(Tip).where(Tip.status.in_(statuses), Tip.moved_on <= day - KEEP).order_by(Tip.id).limit(limit)
    found = list(session.scalars(query))
    for tip in found:
        moves.mark(tip, "close", lifecycle=TIP, role="system", day=day)
        tip.closed_on = day
    return len(found)


def destroy_due(session: Session, *, limit: int, day: date) -> int:
    """Destroy the keys of what was closed 180 days ago; how many. The rows stay ours: nobody reopens them meanwhile."""
    due = select(Tip.id).where(Tip.closed_on <= day - KEEP, _has_keys()).order_by(Tip.id).limit(limit)
    ids = list(session.scalars(due.with_for_update()))
    destroy_keys(session, tip_ids=ids)
    return len(ids)


def remove_entries(session: Session, *, limit: int) -> int:
    """Remove contents that no key opens any more, also what somebody wrote while the tip was destroyed; how many."""
    query = select(TipEntry.id).outerjoin(Tip, Tip.id == TipEntry.tip_id).where(or_(Tip.id.is_(None), _dead()))
    ids = list(session.scalars(query.limit(limit)))
    session.execute(delete(TipChunk).where(TipChunk.entry_id.in_(ids)), execution_options=PLAIN)
    session.execute(delete(TipEntry).where(TipEntry.id.in_(ids)), execution_options=PLAIN)
    return len(ids)


def remove_tips(session: Session, *, limit: int, day: date) -> int:
    """Remove what is left of destroyed tips, and count them; how many."""
    empty = ~select(TipEntry.id).where(TipEntry.tip_id == Tip.id).exists()
    query = select(Tip.id, Tip.county, Tip.outcome).where(_dead(), empty).order_by(Tip.id).limit(limit)
    found = session.execute(query.with_for_update()).all()
    ids = [row.id for row in found]
    for row in found:
        counting.add(session, county=row.county, year=day.year, outcome=row.outcome)
    for column in (TipLog.tip_id, Mailbox.tip_id, Tip.id):
        session.execute(delete(column.class_).where(column.in_(ids)), execution_options=PLAIN)
    return len(ids)


def _has_keys() -> ColumnElement[bool]:
    return select(TipKey.tip_id).where(TipKey.tip_id == Tip.id).exists()


def _dead() -> ColumnElement[bool]:
    return and_(Tip.closed_on.is_not(None), ~_has_keys())
