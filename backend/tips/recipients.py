"""To whom a tip is sealed: the county's investigators without a conflict of interest, oversight, recovery, reporter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.events import rows
from backend.kernel import sealing
from backend.lifecycles.tip import KeyStatus
from backend.models.tip import Investigator, TipKey

REPORTER, OVERSIGHT, RECOVERY = "reporter", "oversight", "recovery"
INVESTIGATE, PAY = "investigate", "reward"
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
    text = "\n".join(words)
    kept = session.scalars(select(Investigator).where(Investigator.county == county).with_for_update(read=True))
    return {one.id: one.public for one in kept if opens(one) and not conflicted(one, region, text, left_out)}


def opens(one: Investigator) -> bool:
    """Whether tips are sealed to this key at all."""
    return one.status == KeyStatus.ACTIVE.value and one.duty == INVESTIGATE


def conflicted(one: Investigator, region: str, text: str, left_out: Sequence[str]) -> bool:
    """Whether this tip is none of their business: ``region`` of the target, ``text``: everything that may name them."""
    return one.id in left_out or one.name in text or _same_town(one.region, region)


def conflict_words(report: dict[str, Any]) -> str:
    """What of a sealed report may name an investigator."""
    target = report["target"]
    return "\n".join((report["text"], target["name"], *target["contacts"]))


def seal_to_all(
    session: Session, tip_key: bytes, *, tip_id: str, investigators: dict[str, bytes], offline: Offline, reporter: bytes
) -> None:
    """One row for each holder."""
    holders = {**investigators, OVERSIGHT: offline.oversight, RECOVERY: offline.recovery, REPORTER: reporter}
    for holder, public in sorted(holders.items()):
        rows.write(session, TipKey, {"tip_id": tip_id, "holder": holder, "sealed": sealing.seal_to(public, tip_key)})


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
