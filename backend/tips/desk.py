"""The investigators' desk: one tip, opened, and the log of what was done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from backend.events import rows
from backend.kernel import sealing
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.i18n import N_
from backend.lifecycles.tip import TIP
from backend.models.tip import Investigator, Mailbox, Tip, TipKey, TipLog
from backend.tips import entries, lines
from backend.tips.entries import Entry
from backend.tips.lines import Listed
from backend.tips.unlocking import Opener

ROLE = "investigator"
OPENED = "opened"


@dataclass(frozen=True, slots=True)
class TipCard:
    """One tip, opened. ``report``: the content of its first entry; ``reachable``: somebody still has its mailbox."""

    line: Listed
    version: int
    report: dict[str, Any] | None
    entries: list[Entry]
    allowed: list[str]
    reachable: bool
    #: Keyed hash of the target: never leaves the desk.
    target_index: str


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of a tip's log: who did what on which day."""

    day: date
    act: str
    name: str
    post: str
    entry_id: str | None


def show(session: Session, *, opener: Opener, tip_id: str, day: date) -> TipCard:
    """One tip with everything in it; the first opening acknowledges it. ``NotFound`` for what is not sealed to them.

    Who opened it on which day is logged once a day.
    """
    tip, key = load(session, opener=opener, tip_id=tip_id)
    if tip.acknowledged_on is None:
        first = update(Tip).where(Tip.id == tip_id, Tip.acknowledged_on.is_(None))
        session.execute(first.values(acknowledged_on=day))
    _log_opening(session, tip_id=tip_id, opener=opener, day=day)
    found = entries.read(session, key, tip_id=tip_id)
    report = next((one.content for one in found if one.kind == entries.REPORT), None)
    reachable = session.scalar(select(Mailbox.tip_id).where(Mailbox.tip_id == tip_id)) is not None
    last = found[-1] if found else None
    kind = last.kind if last and last.author == entries.REPORTER else None
    root = goes_on(session, opener=opener, tip=tip)
    return TipCard(
        lines.line(tip, kind, lines.summary(report), goes_on=root, day=day),
        tip.version,
        report,
        found,
        [] if root else TIP.allowed(tip.status, ROLE),
        reachable,
        tip.target_index,
    )


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


def goes_on(session: Session, *, opener: Opener, tip: Tip) -> str | None:
    """Which tip goes on instead of this one, as far as they may know."""
    return session.scalar(select(lines.going_on(opener.id)).where(Tip.id == tip.id)) if tip.merged_into else None


def log(
    session: Session,
    *,
    tip_id: str,
    opener: Opener,
    act: str,
    day: date,
    entry_id: str | None = None,
    log_id: str | None = None,
) -> None:
    """What was done with a tip; the day, never the words. ``log_id``: of this very request, see ``done``."""
    row = {"id": log_id or entries.new_id(), "tip_id": tip_id, "day": day, "investigator_id": opener.id, "act": act}
    rows.chain(session, TipLog, row | {"entry_id": entry_id})


def done(session: Session, log_id: str) -> bool:
    """Whether this request was carried out already: a second tap, a repeated send."""
    return session.scalar(select(TipLog.id).where(TipLog.id == log_id)) is not None


def history(session: Session, *, opener: Opener, tip_id: str) -> list[Deed]:
    """Who did what with a tip, by days; within a day in no order, because none is kept."""
    load(session, opener=opener, tip_id=tip_id)
    query = (
        select(TipLog.day, TipLog.act, Investigator.name, Investigator.post, TipLog.entry_id)
        .outerjoin(Investigator, Investigator.id == TipLog.investigator_id)
        .where(TipLog.tip_id == tip_id)
        .order_by(TipLog.day, TipLog.act, TipLog.id)
    )
    return [Deed(row.day, row.act, row.name or "", row.post or "", row.entry_id) for row in session.execute(query)]


def check_version(tip: Tip, version: int | None) -> None:
    """``Conflict`` when somebody else moved the tip since this version was read."""
    if version is not None and tip.version != version:
        words = N_("同事刚刚办过这一件，现在是“%(status)s”。请看过再决定", status=TIP.label(tip.status))
        raise Conflict("changed_meanwhile", words, extra={"state": tip.status, "version": tip.version})


def not_found() -> NotFound:
    return NotFound("tip_not_found", N_("没有找到这件举报，可能不归您核查"))


def _log_opening(session: Session, *, tip_id: str, opener: Opener, day: date) -> None:
    same = (TipLog.tip_id == tip_id, TipLog.day == day, TipLog.investigator_id == opener.id, TipLog.act == OPENED)
    if session.scalar(select(TipLog.id).where(*same).limit(1)) is None:
        log(session, tip_id=tip_id, opener=opener, act=OPENED, day=day)
