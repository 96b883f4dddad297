"""What becomes of a delivery: taken by the provider, arrived, failed, too late, or in doubt.

The work on one is an outbox row. None of these commands calls anybody: the worker does, with no transaction open.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.events import moves
from backend.kernel.crypto import Seal, Unreadable, Vault, place
from backend.lifecycles.delivery import DELIVERY, DeliveryStatus as S
from backend.models.delivery import Delivery
from backend.notifications import planning


@dataclass(frozen=True, slots=True)
class Parcel:
    """What the worker hands to a provider; ``to``: mobile or openid, ``said``: the channel's words."""

    id: int
    channel: str
    kind: str
    to: str = field(repr=False)
    said: dict[str, Any] = field(repr=False)
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: by night."""

    due_at: datetime


def open_(session: Session, vault: Vault, *, delivery_id: int, now: datetime) -> Parcel | Later | None:
    """What to send; ``Later`` by night; ``None`` where nothing is to be sent any more (then ``close`` says why)."""
    row = session.get(Delivery, delivery_id)
    person = planning.recipient(session, row.resident_id) if row is not None else None
    if row is None or person is None or row.status != S.WAITING or row.content is None or _too_late(row, now):
        return None
    due_at = person.quiet.after(now)
    if due_at > now:
        return Later(due_at)
    try:
        seal = vault.person(person.key, person.id)
    except Unreadable:
        return None
    to = _address(session, seal, row)
    if to is None:
        return None
    said = json.loads(seal.open_text(row.content, place("delivery", "content", row.id)))
    return Parcel(row.id, row.channel, row.kind, to, said[row.channel], row.created_at)


def hand_over(session: Session, *, delivery_id: int, provider_ref: str, now: datetime) -> None:
    """The provider has taken it."""
    row = session.get(Delivery, delivery_id)
    if row is not None and row.status == S.WAITING:
        row.provider_ref, row.sent_at = provider_ref, now
        _move(session, row, "hand_over", now)


def close(session: Session, *, delivery_id: int, now: datetime) -> None:
    """Nothing is to be sent any more: too late, or nobody to send it to."""
    row = session.get(Delivery, delivery_id)
    if row is not None and row.status == S.WAITING:
        _move(session, row, "expire" if _too_late(row, now) else "drop", now)


def give_up(session: Session, vault: Vault, *, delivery_id: int, error: str, now: datetime) -> int | None:
    """No further try over this channel; the delivery over the next one, where there is one."""
    row = session.get(Delivery, delivery_id)
    if row is None or row.status != S.WAITING:
        return None
    row.error = error[:64]
    following = _next(session, vault, row, now) if row.then else None
    _move(session, row, "give_up", now)
    return following


def _next(session: Session, vault: Vault, row: Delivery, now: datetime) -> int | None:
    person = planning.recipient(session, row.resident_id)
    if person is None or row.content is None or _too_late(row, now):
        return None
    try:
        seal = vault.person(person.key, person.id)
    except Unreadable:
        return None
    said = json.loads(seal.open_text(row.content, place("delivery", "content", row.id)))
    return planning.begin(
        session,
        seal,
        resident_id=row.resident_id,
        kind=row.kind,
        event=row.event,
        channels=row.then.split(","),
        said=said,
        priority=row.priority,
        not_after=row.not_after,
        application_id=row.application_id,
        due_at=person.quiet.after(now),
        now=now,
    )


def _move(session: Session, row: Delivery, name: str, now: datetime) -> None:
    """What nobody sends any more is not kept in words."""
    moves.pass_on(session, row, name, lifecycle=DELIVERY, role="system", turn=0, now=now)
    row.content = None


def _too_late(row: Delivery, now: datetime) -> bool:
    return row.not_after is not None and now >= row.not_after


def _address(session: Session, seal: Seal, row: Delivery) -> str | None:
    """The mobile number; the openid where the account is still bound."""
    return accounts.address(session, seal, resident_id=row.resident_id, channel=row.channel)
