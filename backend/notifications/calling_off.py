"""What still waits to be sent and is not wanted any more: by its reader's word, or by what they now choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.events.withdrawing import hasten, withdraw
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.i18n import N_
from backend.lifecycles.delivery import DELIVERY, DeliveryStatus as S
from backend.models.delivery import Delivery
from backend.notifications import deliveries, planning
from backend.notifications.wording.templates import templates


def call_off(session: Session, *, resident_id: int, delivery_id: int, now: datetime) -> int:
    """Do not send it, over no channel; its id. The inbox keeps the message. Twice is once.

    ``NotFound`` for anybody else's, ``Conflict`` for what has ended, or is being sent this moment.
    """
    row = deliveries.locked(session, [delivery_id]).get(delivery_id)
    if row is None or row.resident_id != resident_id:
        raise NotFound("not_found", N_("没有找到这条记录"))
    if row.status == S.DROPPED:
        return row.id
    DELIVERY.check("drop", row.status, "person")
    if not withdraw(session, dedupe_key=_work(row), now=now):
        raise Conflict("already_going", N_("这条正在发，来不及停了"))
    deliveries.move(session, row, "drop", now=now, role="person")
    return row.id


def fit(session: Session, vault: Vault, *, resident_id: int, wanted: Mapping[str, Sequence[str]], now: datetime) -> int:
    """Make what still waits follow a new choice, kind → channels; how many deliveries were called off.

    Kinds that are not named (codes, reminders people set for themselves) go on. What is being sent this moment goes.
    """
    found = select(Delivery.id).where(Delivery.resident_id == resident_id, Delivery.status == S.WAITING)
    rows = deliveries.locked(session, session.scalars(found).all())
    waiting = [row for row in rows.values() if row.status == S.WAITING]
    called_off = sum(_fit(session, vault, row, wanted, now) for row in waiting)
    person = planning.recipient(session, resident_id)
    if person is not None:
        # A shorter night: what was put off for the longer one goes out when the shorter ends.
        keys = [_work(row) for row in waiting]
        hasten(session, dedupe_keys=keys, due_at=person.quiet.after(now))
    return called_off


def _fit(session: Session, vault: Vault, row: Delivery, wanted: Mapping[str, Sequence[str]], now: datetime) -> bool:
    template = templates().get(row.kind)
    channels = wanted.get(template.kind) if template else None
    if channels is None:
        return False
    following = ",".join(name for name in row.then.split(",") if name in channels)
    if row.channel in channels:
        row.then = following
        return False
    if not withdraw(session, dedupe_key=_work(row), now=now):
        return False
    row.then = following
    deliveries.pass_on(session, vault, row, now=now)
    deliveries.move(session, row, "drop", now=now, role="person")
    return True


def _work(row: Delivery) -> str:
    """The key of the outbox row that sends it (``planning.begin``)."""
    return f"{planning.TOPICS[row.channel]}:{row.id}"
