"""Deliveries of reminders that people set for themselves: nothing of them stays behind once they have ended.

The inbox cannot tell one such reminder from another; a row here with a channel could (PRODUCT §2.2). So there is no
record of them beside the message, and whoever stops a reminder takes back what was still to go out.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.lifecycles.delivery import DeliveryStatus
from backend.models.delivery import Delivery, WechatCredit
from backend.models.outbox import Outbox
from backend.notifications.kinds import OWN
from backend.notifications.wording.template import Template
from backend.notifications.wording.templates import templates

#: Bytes; the longest is less than half of it.
LENGTH = 2048


def as_long(template: Template, content: str) -> str:
    """The content of such a message at one length: under the seal even its length would tell which reminder it is."""
    return content + " " * (LENGTH - len(content.encode())) if template.kind == OWN else content


@cache
def own_templates() -> tuple[str, ...]:
    """The templates of such reminders."""
    return tuple(name for name, template in templates().items() if template.kind == OWN)


def call_off(session: Session, *, resident_id: int) -> None:
    """Take back what waits to go out to this person; what is on its way already arrives."""
    session.execute(delete(Delivery).where(Delivery.resident_id == resident_id, Delivery.kind.in_(own_templates())))


def forget_work(session: Session, work: Collection[int]) -> None:
    """Delete finished work (ids of outbox rows) on deliveries that are gone, and the credit it spent at WeChat: they
    tell when, and so about whom."""
    there = select(Delivery.id).where(Delivery.id == Outbox.subject_id).exists()
    ended = select(Outbox.subject_id).where(Outbox.id.in_(work), ~there)
    spent = delete(WechatCredit).where(WechatCredit.delivery_id.in_(ended))
    session.execute(spent.execution_options(synchronize_session=False))
    gone = delete(Outbox).where(Outbox.id.in_(work), Outbox.status == "done", ~there)
    session.execute(gone.execution_options(synchronize_session=False))


def leaves_nothing(row: Delivery) -> bool:
    """Whether this delivery is one of such a reminder and has ended: then its row goes."""
    return row.status != DeliveryStatus.WAITING and row.kind in own_templates()
