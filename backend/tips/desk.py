"""The investigators' desk: a list that says nothing until it is unlocked, and one tip, opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from backend.events import rows
from backend.kernel import sealing
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.lifecycles.tip import TIP
from backend.models.tip import Tip, TipEntry, TipKey, TipLog
from backend.tips import entries
from backend.tips.entries import Entry
from backend.tips.unlocking import Opener

ROLE = "investigator"


@dataclass(frozen=True, slots=True)
class TipLine:
    """One line of the list. ``summary``: kind, category and name of the target; ``None`` while locked."""

    id: str
    status: str
    received_on: date
    acknowledge_by: date | None
    answer_by: date | None
    escalated_on: date | None
    merged_into: str | None
    summary: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class TipCard:
    """One tip, opened. ``report``: the content of its first entry."""

    line: TipLine
    version: int
    report: dict[str, Any] | None
    entries: list[Entry]
    allowed: list[str]


def listing(
    session: Session,
    *,
    investigator_id: str,
    private: bytes | None,
    statuses: Sequence[str] = (),
    after: tuple[date, str] | None = None,
    limit: int,
) -> list[TipLine]:
    """Released tips that are sealed to this investigator, the newest days first; one more than ``limit``."""
    query = select(Tip, TipKey.sealed).join(TipKey, and_(TipKey.tip_id == Tip.id, TipKey.holder == investigator_id))
    query = query.where(Tip.released_on.is_not(None))
    if statuses:
        query = query.where(Tip.status.in_(statuses))
    if after is not None:
        day, last = after
        query = query.where(or_(Tip.received_on < day, and_(Tip.received_on == day, Tip.id < last)))
    found = session.execute(query.order_by(Tip.received_on.desc(), Tip.id.desc()).limit(limit + 1)).all()
    return [_line(tip, summary) for tip, summary in _summaries(session, found, private)]


def show(session: Session, *, opener: Opener, tip_id: str, day: date) -> TipCard:
    """One tip with everything in it; the opening is logged. ``NotFound`` for what is not sealed to this one."""
    tip, key = load(session, opener=opener, tip_id=tip_id)
    log(session, tip_id=tip_id, opener=opener, act="opened", day=day)
    found = entries.read(session, key, tip_id=tip_id)
    report = next((one.content for one in found if one.kind == entries.REPORT), None)
    return TipCard(_line(tip, _summary(report)), tip.version, report, found, TIP.allowed(tip.status, ROLE))


def load(session: Session, *, opener: Opener, tip_id: str) -> tuple[Tip, bytes]:
    """The row and the tip's key."""
    row = session.execute(
        select(Tip, TipKey.sealed)
        .join(TipKey, and_(TipKey.tip_id == Tip.id, TipKey.holder == opener.id))
        .where(Tip.id == tip_id, Tip.released_on.is_not(None))
    ).first()
    if row is None:
        raise not_found()
    return row[0], sealing.open_from(opener.private, row[1])


def log(session: Session, *, tip_id: str, opener: Opener, act: str, day: date, entry_id: str | None = None) -> None:
    """What was done with a tip; the day, never the words."""
    row = {"id": entries.new_id(), "tip_id": tip_id, "day": day, "investigator_id": opener.id, "act": act}
    rows.write(session, TipLog, row | {"entry_id": entry_id})


def not_found() -> NotFound:
    return NotFound("tip_not_found", N_("没有找到这件举报，可能不归您核查"))


def _summaries(
    session: Session, found: Sequence[Any], private: bytes | None
) -> list[tuple[Tip, dict[str, Any] | None]]:
    if private is None:
        return [(tip, None) for tip, _ in found]
    ids = [tip.id for tip, _ in found]
    query = select(TipEntry).where(TipEntry.tip_id.in_(ids), TipEntry.kind == entries.REPORT)
    reports = {row.tip_id: row for row in session.scalars(query)}
    return [(tip, _opened(private, sealed, reports.get(tip.id))) for tip, sealed in found]


def _opened(private: bytes, sealed: bytes, report: TipEntry | None) -> dict[str, Any] | None:
    return _summary(entries.opened(sealing.open_from(private, sealed), report).content) if report else None


def _summary(report: dict[str, Any] | None) -> dict[str, Any] | None:
    if report is None:
        return None
    target = report["target"]
    return {"category": report["category"], "kind": target["kind"], "name": target["name"], "region": target["region"]}


def _line(tip: Tip, summary: dict[str, Any] | None) -> TipLine:
    return TipLine(
        tip.id,
        tip.status,
        tip.received_on,
        tip.acknowledge_by,
        tip.answer_by,
        tip.escalated_on,
        tip.merged_into,
        summary,
    )
