"""The moves of a tip at the desk: a status, a day, and in sealed words what was found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from backend.events import moves
from backend.kernel.errors import Conflict
from backend.kernel.i18n import N_
from backend.lifecycles.tip import ENDED, TIP, TipStatus
from backend.models.tip import Tip, TipKey
from backend.tips import desk, dialogue, entries
from backend.tips.third_parties import detector
from backend.tips.unlocking import Opener

#: Moves of a form of their own: asking goes with a question, handing over with a package.
BY_ITSELF = ("verify", "substantiate", "dismiss", "close", "reopen")
#: What the reporter reads in the mailbox as an answer.
ANSWERS = (*ENDED, TipStatus.TRANSFERRED, TipStatus.CLOSED)


@dataclass(frozen=True, slots=True)
class Words:
    """What goes with a move. ``note``: for colleagues, never shown to the reporter; ``tell``: for the reporter."""

    note: str = ""
    tell: str = ""


def move(
    session: Session,
    *,
    opener: Opener,
    tip_id: str,
    name: str,
    words: Words,
    version: int | None,
    day: date,
    log_id: str,
) -> str:
    """Make a move of ``BY_ITSELF``; the tip's id. What was merged into it follows.

    ``Conflict``: not from this status, not this ``version``, or merged into another. Carried out once for each
    ``log_id``. ``Invalid third_party`` for words that tell who a woman is.
    """
    tip, key = desk.load(session, opener=opener, tip_id=tip_id)
    if desk.done(session, log_id):
        return tip_id
    desk.check_version(tip, version)
    detector.refuse({"note": words.note, "tell": words.tell})
    step(session, tip, name, opener=opener, day=day)
    if words.note:
        _note(session, key, tip_id=tip_id, name=name, note=words.note, day=day)
    if words.tell:
        dialogue.write(session, key, tip=tip, text=words.tell, opener=opener, day=day)
    desk.log(session, tip_id=tip_id, opener=opener, act=name, day=day, log_id=log_id)
    return tip_id


def step(session: Session, tip: Tip, name: str, *, opener: Opener, day: date) -> None:
    """One move of a tip and of those merged into it; ``Conflict`` where it is not allowed."""
    if desk.goes_on(session, opener=opener, tip=tip) is not None:
        raise Conflict("tip_merged", N_("这一件已经并到另一件里，请在那一件里办"))
    _mark(tip, name, day)
    for one in followers(session, opener=opener, tip_id=tip.id):
        follow(one, tip.status, day)
    session.flush()


def followers(session: Session, *, opener: Opener, tip_id: str) -> Iterable[Tip]:
    """What was merged into a tip, as far as this investigator may open it."""
    mine = and_(TipKey.tip_id == Tip.id, TipKey.holder == opener.id)
    return session.scalars(select(Tip).join(TipKey, mine).where(Tip.merged_into == tip_id).order_by(Tip.id))


def follow(tip: Tip, status: str, day: date) -> None:
    """Bring a merged tip to where the one that goes on stands; what its own reporter was asked stays open."""
    target = TipStatus.VERIFYING.value if status == TipStatus.NEED_MORE else status
    waits = tip.status == TipStatus.NEED_MORE and target == TipStatus.VERIFYING
    for name in () if waits else _way(tip.status, target):
        _mark(tip, name, day)


def _mark(tip: Tip, name: str, day: date) -> None:
    moves.mark(tip, name, lifecycle=TIP, role=desk.ROLE, day=day)
    tip.closed_on = day if tip.status == TipStatus.CLOSED else None
    if tip.status in ANSWERS and tip.answered_on is None:
        tip.answered_on = day


def _note(session: Session, key: bytes, *, tip_id: str, name: str, note: str, day: date) -> None:
    content = {"text": note, "move": name}
    kind, author = entries.FINDING, entries.OFFICE
    entries.write(session, key, tip_id=tip_id, kind=kind, author=author, content=content, day=day)


@cache
def _way(status: str, target: str) -> tuple[str, ...]:
    """The shortest row of an investigator's moves from one status to another; none where there is no way."""
    ways: dict[str, tuple[str, ...]] = {status: ()}
    waiting = [status]
    for here in waiting:
        for name in TIP.allowed(here, desk.ROLE):
            there = TIP.move(name).target
            if name != "ask" and there not in ways:
                ways[there] = (*ways[here], name)
                waiting.append(there)
    return ways.get(target, ())
