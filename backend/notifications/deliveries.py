"""What becomes of a delivery: taken by the provider, arrived, failed, too late, or in doubt.

The work on one is an outbox row. None of these commands calls anybody: the worker does, with no transaction open.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.events import moves
from backend.kernel.crypto import Vault, place
from backend.lifecycles.delivery import DELIVERY, DeliveryStatus as S
from backend.models.delivery import Delivery
from backend.notifications import discreet, planning

#: Here a provider may still say that it never arrived, or a person try it again.
OPEN_ENDED = (S.SENT, S.DOUBTFUL, S.FAILED)
SYSTEM, PROVIDER = "system", "provider"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What the worker hands to a provider; ``to``: mobile or openid, ``said``: the channel's words.

    ``priority``: 1 needs the person, 2 is a result, 3 is news.
    """

    id: int
    resident_id: int
    channel: str
    kind: str
    priority: int
    to: str = field(repr=False)
    said: dict[str, Any] = field(repr=False)
    created_at: datetime


def locked(session: Session, delivery_ids: Collection[int]) -> dict[int, Delivery]:
    """These rows, held until the commit, so that a receipt and the record of the call do not overwrite each other."""
    wanted = select(Delivery).where(Delivery.id.in_(delivery_ids)).order_by(Delivery.id)
    return {row.id: row for row in session.scalars(wanted.with_for_update())}


def hand_over(session: Session, row: Delivery, *, provider_ref: str | None, now: datetime) -> bool:
    """The provider has taken it; whether that is news. Its words are kept while another channel may need them."""
    if row.status not in (S.WAITING, S.DOUBTFUL):
        return False
    row.provider_ref, row.sent_at = provider_ref, now
    row.error = None
    move(session, row, "hand_over", now=now, keep=bool(row.then))
    return True


def give_up(session: Session, vault: Vault, row: Delivery, *, error: str, keep: bool, now: datetime) -> int | None:
    """No further try over this channel; the delivery over the next one, where there is one.

    ``error``: its kind, nothing personal; ``keep``: the words stay, because a person may have it tried again.
    """
    return _end(session, vault, row, "give_up", error=error, keep=keep, role=SYSTEM, now=now)


def bounce(session: Session, vault: Vault, row: Delivery, *, error: str, now: datetime) -> int | None:
    """The provider says that it never arrived; the delivery over the next channel, where there is one."""
    return _end(session, vault, row, "bounce", error=error, keep=False, role=PROVIDER, now=now)


def move(session: Session, row: Delivery, name: str, *, now: datetime, keep: bool = False, role: str = SYSTEM) -> None:
    """One move; what nobody will send any more is not kept in words (``keep``: it may still be sent)."""
    moves.pass_on(session, row, name, lifecycle=DELIVERY, role=role, turn=0, now=now)
    if not keep:
        row.content = None
    if discreet.leaves_nothing(row):
        session.delete(row)


def pass_on(session: Session, vault: Vault, row: Delivery, *, now: datetime) -> int | None:
    """Begin the delivery over the next channel; its id, or ``None`` where there is none, or it is too late."""
    person = planning.recipient(session, row.resident_id)
    seal = person.seal(vault) if person else None
    if not row.then or person is None or seal is None or row.content is None or too_late(row, now):
        return None
    return planning.begin(
        session,
        seal,
        resident_id=row.resident_id,
        kind=row.kind,
        event=row.event,
        channels=row.then.split(","),
        said=json.loads(seal.open_text(row.content, place("delivery", "content", row.id))),
        priority=row.priority,
        not_after=row.not_after,
        application_id=row.application_id,
        due_at=person.quiet.after(now),
        now=now,
    )


def too_late(row: Delivery, now: datetime) -> bool:
    """Never after the event it is about."""
    return row.not_after is not None and now >= row.not_after


def forget_words(session: Session, *, since: datetime, before: datetime, limit: int) -> int:
    """Destroy the words of what ended in that time and was kept for another try; how many."""
    kept = select(Delivery.id).where(
        Delivery.status.in_(OPEN_ENDED),
        Delivery.updated_at >= since,
        Delivery.updated_at < before,
        Delivery.content.is_not(None),
    )
    rows = locked(session, session.scalars(kept.limit(limit)).all())
    for row in rows.values():
        row.content = None
    return len(rows)


def _end(
    session: Session, vault: Vault, row: Delivery, name: str, *, error: str, keep: bool, role: str, now: datetime
) -> int | None:
    """``then`` is empty afterwards where no other channel will carry it: it failed on all of them."""
    if DELIVERY.target(name, row.status) is None:
        return None
    row.error = error[:64]
    following = pass_on(session, vault, row, now=now)
    if following is None:
        row.then = ""
    move(session, row, name, now=now, keep=keep and following is None, role=role)
    return following
