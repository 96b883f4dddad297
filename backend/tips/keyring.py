"""The keys of a county's investigators as a list: who has one, how far it is, what the one who looks may do with it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.lifecycles.tip import INVESTIGATOR_KEY, KeyStatus
from backend.models.tip import Investigator
from backend.tips import admitting, investigators, recipients

#: Steps with one's own key; the others are for colleagues' keys.
RENEW, CHANGE, FILL = "renew", "change_passphrase", "fill"


@dataclass(frozen=True, slots=True)
class KeyCard:
    """One key. ``owing``: older tips have not all been opened to it; ``allowed``: for the one who looks."""

    id: str
    name: str
    post: str
    duty: str
    status: str
    fingerprint: str
    mine: bool
    owing: bool
    allowed: list[str]


def cards(session: Session, *, county: str, staff_id: int) -> list[KeyCard]:
    """Every key of the county that has not ended, and one's own. Two statements."""
    query = select(Investigator).where(Investigator.county == county).order_by(Investigator.post, Investigator.id)
    found = list(session.scalars(query))
    owing = admitting.owing(session, [one.id for one in found])
    own = next((one for one in found if one.staff_id == staff_id), None)
    kept = [one for one in found if one is own or one.status != KeyStatus.ENDED.value]
    return [_card(one, own, owing) for one in kept]


def _card(row: Investigator, own: Investigator | None, owing: set[str]) -> KeyCard:
    return KeyCard(
        row.id,
        row.name,
        row.post,
        row.duty,
        row.status,
        investigators.fingerprint(row.public),
        row is own,
        row.id in owing,
        _own(row) if row is own else _colleagues(row, own, row.id in owing),
    )


def _own(row: Investigator) -> list[str]:
    ended = row.status == KeyStatus.ENDED.value
    return [RENEW] if ended else [CHANGE, RENEW, "end"]


def _colleagues(row: Investigator, own: Investigator | None, owing: bool) -> list[str]:
    if own is None or not recipients.opens(own):
        return []
    moves = [name for name in INVESTIGATOR_KEY.allowed(row.status, "investigator") if name != RENEW]
    if row.backed_by == own.id and "admit" in moves:
        moves.remove("admit")
    return [*moves, FILL] if recipients.opens(row) and owing else moves


def every(session: Session) -> list[Investigator]:
    """All keys of all counties, for the operator."""
    return list(session.scalars(select(Investigator).order_by(Investigator.county, Investigator.post, Investigator.id)))
