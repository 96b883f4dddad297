"""What still waits to be sent and is not wanted any more: by its reader's word, or by what they now choose."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.events import outbox
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.i18n import N_
from backend.lifecycles.delivery import DELIVERY, DeliveryStatus as S
from backend.models.delivery import Delivery
from backend.notifications import deliveries, planning
from backend.notifications.templates import templates


def call_off(session: Session, *, resident_id: int, delivery_id: int, now: datetime) -> int:
    """Do not send it, over no channel; its id. The inbox keeps the message. Twice is once.

    ``NotFound`` for anybody else's, ``Conflict`` for what has ended, or is being sent this moment.
    """
    mine = (Delivery.id == delivery_id, Delivery.resident_id == resident_id)
    channel = session.scalar(select(Delivery.channel).where(*mine))
    if channel is None:
        raise NotFound("not_found", N_("没有找到这条记录"))
    # The work first: who has it decides. The row is read after, as whoever had it left it.
    stopped = outbox.withdraw(session, dedupe_key=_work(channel, delivery_id), now=now)
    row = session.scalars(select(Delivery).where(*mine)).one()
    if row.status == S.DROPPED:
        return row.id
    DELIVERY.check("drop", row.status, "person")
    if not stopped:
        raise Conflict("already_going", N_("这条正在发，来不及停了"))
    _drop(session, row, now)
    return row.id


def fit(session: Session, vault: Vault, *, resident_id: int, wanted: Mapping[str, Sequence[str]], now: datetime) -> int:
    """Make what still waits follow a new choice, kind → channels; how many deliveries were called off.

    Kinds that are not named (codes, reminders people set for themselves) go on. What is being sent this moment goes.
    """
    waiting = session.scalars(
        select(Delivery).where(Delivery.resident_id == resident_id, Delivery.status == S.WAITING)
    ).all()
    return sum(_fit(session, vault, row, wanted, now) for row in waiting)


def _fit(session: Session, vault: Vault, row: Delivery, wanted: Mapping[str, Sequence[str]], now: datetime) -> bool:
    template = templates().get(row.kind)
    channels = wanted.get(template.kind) if template else None
    if channels is None:
        return False
    following = [name for name in row.then.split(",") if name in channels]
    if row.channel in channels:
        row.then = ",".join(following)
        return False
    if not outbox.withdraw(session, dedupe_key=_work(row.channel, row.id), now=now):
        return False
    if following:
        _instead(session, vault, row, following, now)
    _drop(session, row, now)
    return True


def _instead(session: Session, vault: Vault, row: Delivery, channels: Sequence[str], now: datetime) -> None:
    """The same message over the channels that are still wanted."""
    person = planning.recipient(session, row.resident_id)
    if person is None or row.content is None:
        return
    seal = vault.person(person.key, person.id)
    planning.begin(
        session,
        seal,
        resident_id=row.resident_id,
        kind=row.kind,
        event=row.event,
        channels=channels,
        said=json.loads(seal.open_text(row.content, place("delivery", "content", row.id))),
        priority=row.priority,
        not_after=row.not_after,
        application_id=row.application_id,
        due_at=person.quiet.after(now),
        now=now,
    )


def _drop(session: Session, row: Delivery, now: datetime) -> None:
    deliveries.move(session, row, "drop", now=now, role="person")


def _work(channel: str, delivery_id: int) -> str:
    """The key of the outbox row that sends it (``planning.begin``)."""
    return f"{planning.TOPICS[channel]}:{delivery_id}"
