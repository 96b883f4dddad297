"""What providers say afterwards: it arrived, or never did. Said twice, late, out of order, of nothing: harmless."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kernel.crypto import Vault
from backend.lifecycles.delivery import DELIVERY
from backend.models.delivery import Delivery
from backend.notifications import deliveries


@dataclass(frozen=True, slots=True)
class Receipt:
    """``ref``: the provider's name of the message; ``error``: the kind of failure, "" when it arrived."""

    ref: str
    error: str = ""


def settle(session: Session, vault: Vault, *, channel: str, receipts: Sequence[Receipt], now: datetime) -> int:
    """Write down how messages ended, and begin the next channel of those that never arrived; how many changed.

    The first word about a message counts, and what has arrived cannot fail any more.
    """
    said = {receipt.ref: receipt for receipt in reversed(receipts)}
    if not said:
        return 0
    mine = select(Delivery.id).where(Delivery.provider_ref.in_(said), Delivery.channel == channel)
    rows = deliveries.locked(session, session.scalars(mine).all())
    return sum(_settle(session, vault, row, said[row.provider_ref or ""], now) for row in rows.values())


def _settle(session: Session, vault: Vault, row: Delivery, receipt: Receipt, now: datetime) -> bool:
    name = "bounce" if receipt.error else "confirm"
    if DELIVERY.target(name, row.status) is None:
        return False
    if receipt.error:
        deliveries.bounce(session, vault, row, error=receipt.error, now=now)
    else:
        deliveries.move(session, row, "confirm", now=now, role=deliveries.PROVIDER)
    return True
