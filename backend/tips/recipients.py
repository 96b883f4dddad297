"""To whom a tip is sealed: the county's investigators without a conflict of interest, oversight, recovery, reporter."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.events import rows
from backend.kernel import sealing
from backend.lifecycles.tip import KeyStatus
from backend.models.tip import Investigator, TipKey, TipLog
from backend.tips.third_parties.folding import fold

REPORTER, OVERSIGHT, RECOVERY = "reporter", "oversight", "recovery"
INVESTIGATE, PAY = "investigate", "reward"
#: In the log: an investigator who was named by the reporter and no longer sees the tip.
ASIDE = "aside"
#: Digits of a county's and of a town's code.
COUNTY, TOWN = 6, 9


@dataclass(frozen=True, slots=True)
class Offline:
    """The public keys of the two holders who are not on this machine."""

    oversight: bytes
    recovery: bytes


@dataclass(frozen=True, slots=True)
class InvestigatorCard:
    """An investigator as the form shows them: a post, to be left out if the reporter wants."""

    id: str
    post: str


def active(session: Session, *, county: str) -> list[InvestigatorCard]:
    """Who would get a tip of this county."""
    return [InvestigatorCard(one.id, one.post) for one in _active(session, county)]


def without_conflict(
    session: Session, *, county: str, region: str, words: Iterable[str], left_out: Sequence[str]
) -> dict[str, bytes]:
    """Id → public key of the investigators who may see it.

    Left out: whoever sits in the township of the target, whoever is named in the tip, whoever the reporter names.
    The county's keys stay as they are until the caller commits: a key that is let in meanwhile waits, and then finds
    this tip among those to be opened to it; one that is ended meanwhile is ended after it.
    """
    text = bare(*words)
    kept = session.scalars(select(Investigator).where(Investigator.county == county).with_for_update(read=True))
    return {one.id: one.public for one in kept if opens(one) and not conflicted(one, region, text, left_out)}


def opens(one: Investigator) -> bool:
    """Whether tips are sealed to this key at all."""
    return one.status == KeyStatus.ACTIVE.value and one.duty == INVESTIGATE


def conflicted(one: Investigator, region: str, text: str, left_out: Sequence[str]) -> bool:
    """Whether a tip is none of their business. ``region``: the target's; ``text``: all that may name them, ``bare``."""
    return one.id in left_out or bare(one.name) in text or _same_town(one.region, region)


def conflict_words(content: dict[str, Any]) -> str:
    """What of a sealed entry, a report or what came later, may name an investigator, ``bare``."""
    target = content.get("target") or {}
    named = (target.get("name", ""), target.get("address", ""), *target.get("contacts", ()))
    return bare(content.get("text", ""), content.get("name", ""), *named)


def bare(*texts: str) -> str:
    """Words without what stands between them: a name written apart is the same name."""
    folded = fold("\n".join(texts), spaces=False).text.casefold()
    return "".join(sign for sign in folded if sign.isalnum())


def step_aside(session: Session, *, tip_id: str, words: str, day: date) -> None:
    """Take the tip from an investigator whom its reporter names later; a line in the log says so.

    Whoever is left goes on; nobody left: the days that are missed raise the flag of the oversight.
    """
    text = bare(words)
    theirs = select(Investigator.id, Investigator.name).join(TipKey, TipKey.holder == Investigator.id)
    for one in session.execute(theirs.where(TipKey.tip_id == tip_id)).all():
        if bare(one.name) in text:
            take(session, tip_id=tip_id, investigator_id=one.id, day=day)


def take(session: Session, *, tip_id: str, investigator_id: str, day: date) -> None:
    """Take a tip from one investigator who is named in it."""
    gone = delete(TipKey).where(TipKey.tip_id == tip_id, TipKey.holder == investigator_id)
    session.execute(gone, execution_options={"synchronize_session": False})
    _note_aside(session, tip_id, investigator_id, day)


def stay_aside(session: Session, *, tip_id: str, county: str, before: str, after: str, day: date) -> None:
    """Whoever was named in words that are destroyed now stays aside: the log keeps what the words no longer say.

    ``before``, ``after``: all that may name them, ``bare``.
    """
    for one in session.execute(select(Investigator.id, Investigator.name).where(Investigator.county == county)):
        if bare(one.name) in before and bare(one.name) not in after and not is_aside(session, tip_id, one.id):
            _note_aside(session, tip_id, one.id, day)


def is_aside(session: Session, tip_id: str, investigator_id: str) -> bool:
    """Whether they were named and took their eyes off the tip; that stays, whatever becomes of the words."""
    same = (TipLog.tip_id == tip_id, TipLog.investigator_id == investigator_id, TipLog.act == ASIDE)
    return session.scalar(select(TipLog.id).where(*same).limit(1)) is not None


def seal_to_all(
    session: Session, tip_key: bytes, *, tip_id: str, investigators: dict[str, bytes], offline: Offline, reporter: bytes
) -> None:
    """One row for each holder."""
    holders = {**investigators, OVERSIGHT: offline.oversight, RECOVERY: offline.recovery, REPORTER: reporter}
    for holder, public in sorted(holders.items()):
        rows.write(session, TipKey, {"tip_id": tip_id, "holder": holder, "sealed": sealing.seal_to(public, tip_key)})


def _note_aside(session: Session, tip_id: str, investigator_id: str, day: date) -> None:
    row = {"id": uuid.uuid4().hex, "tip_id": tip_id, "day": day, "investigator_id": investigator_id, "act": ASIDE}
    rows.write(session, TipLog, row | {"entry_id": None})


def _active(session: Session, county: str) -> list[Investigator]:
    query = select(Investigator).where(
        Investigator.county == county,
        Investigator.status == KeyStatus.ACTIVE.value,
        Investigator.duty == INVESTIGATE,
    )
    return list(session.scalars(query.order_by(Investigator.id)))


def _same_town(own: str, target: str) -> bool:
    """An investigator of a town or village, and a target in the same town."""
    town = own[:TOWN]
    return town[COUNTY:] != "000" and target.startswith(town)
