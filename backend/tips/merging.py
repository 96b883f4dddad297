"""Several tips about one target: found by its keyed hash, merged so that one of them goes on.

Each reporter keeps a mailbox and a dialogue of their own; nobody reads what another wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from backend.kernel.errors import Conflict
from backend.kernel.i18n import N_
from backend.models.tip import Investigator, Tip, TipKey
from backend.tips import desk, lines, moving
from backend.tips.unlocking import Opener

MERGED, SEPARATED = "merged", "separated"


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another tip about the same target."""

    id: str
    status: str
    received_on: date
    merged_into: str | None


def siblings(session: Session, *, opener: Opener, tip_id: str, target_index: str) -> list[Sibling]:
    """The other released tips about the same target that this investigator may open, the newest days first."""
    mine = and_(TipKey.tip_id == Tip.id, TipKey.holder == opener.id)
    query = (
        select(Tip.id, Tip.status, Tip.received_on, lines.going_on(opener.id).label("merged_into"))
        .join(TipKey, mine)
        .where(Tip.target_index == target_index, Tip.id != tip_id, Tip.released_on.is_not(None))
        .order_by(Tip.received_on.desc(), Tip.id.desc())
    )
    return [Sibling(row.id, row.status, row.received_on, row.merged_into) for row in session.execute(query)]


def merge(
    session: Session, *, opener: Opener, tip_id: str, into: str | None, version: int | None, day: date, log_id: str
) -> str:
    """Let ``into`` go on instead of this tip, ``None``: separate them again; the tip's id.

    Both must be about the same target and sealed to whoever asks, and nobody may lose sight of what goes on: whoever
    sees the merged one and not the other would know by it that somebody named them. The merged one stands from now on
    where the other stands, as far as there is a way; its mailbox answers as before. Carried out once for each
    ``log_id``.
    """
    tip, _ = desk.load(session, opener=opener, tip_id=tip_id)
    if desk.done(session, log_id):
        return tip_id
    desk.check_version(tip, version)
    if into is None:
        tip.merged_into = None
    else:
        _put(session, tip, _root(session, opener=opener, tip=tip, into=into), opener=opener, day=day)
    session.flush()
    act = SEPARATED if into is None else MERGED
    desk.log(session, tip_id=tip_id, opener=opener, act=act, day=day, log_id=log_id)
    return tip_id


def _root(session: Session, *, opener: Opener, tip: Tip, into: str) -> Tip:
    """The tip that goes on: the one named, or the one that this is merged into itself."""
    other, _ = desk.load(session, opener=opener, tip_id=into)
    if other.target_index != tip.target_index:
        raise Conflict("other_target", N_("两件举报的不是同一个对象，不能合并"))
    if other.merged_into is not None:
        other, _ = desk.load(session, opener=opener, tip_id=other.merged_into)
    if other.id == tip.id:
        raise Conflict("same_tip", N_("不能并到自己里面，请选另一件"))
    if _somebody_would_wonder(session, tip, other):
        words = N_("有同事能看这一件，但那一件要回避。请反过来，把那一件并到这一件里；还是不行就分开办")
        raise Conflict("seen_by_fewer", words)
    return other


def _somebody_would_wonder(session: Session, tip: Tip, root: Tip) -> bool:
    """Whether an investigator opens this one and not the other."""
    theirs = aliased(TipKey)
    sees = select(theirs.holder).where(theirs.tip_id == root.id, theirs.holder == TipKey.holder).exists()
    query = select(TipKey.holder).join(Investigator, Investigator.id == TipKey.holder)
    return session.scalar(query.where(TipKey.tip_id == tip.id, ~sees).limit(1)) is not None


def _put(session: Session, tip: Tip, root: Tip, *, opener: Opener, day: date) -> None:
    for one in (tip, *moving.followers(session, opener=opener, tip_id=tip.id)):
        one.merged_into = root.id
        moving.follow(one, root.status, day)
