"""Deliveries of reminders that people set for themselves: nothing of them stays behind once they have ended.

The inbox cannot tell one such reminder from another; a row here with a channel could (PRODUCT §2.2). So there is no
record of them beside the message, and whoever stops a reminder takes back what was still to go out.
"""

from __future__ import annotations

from functools import cache

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.lifecycles.delivery import DeliveryStatus as S
from backend.models.delivery import Delivery
from backend.notifications.kinds import OWN
from backend.notifications.template import Template
from backend.notifications.templates import templates

#: Bytes; the longest is less than half of it.
LENGTH = 2048
ENDED = tuple(status for status in S if status != S.WAITING)


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


def forget(session: Session, *, limit: int) -> int:
    """Delete the ended ones; how many."""
    ended = session.scalars(
        select(Delivery.id).where(Delivery.status.in_(ENDED), Delivery.kind.in_(own_templates())).limit(limit)
    ).all()
    if ended:
        session.execute(delete(Delivery).where(Delivery.id.in_(ended)))
    return len(ended)
