"""What providers say afterwards: it arrived, or never did. Said twice, late, out of order, of nothing: harmless."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.kernel.crypto import Vault
from backend.lifecycles.delivery import DELIVERY
from backend.models.delivery import Delivery, EarlyReceipt
from backend.notifications import deliveries


@dataclass(frozen=True, slots=True)
class Receipt:
    """``ref``: the provider's name of the message; ``error``: the kind of failure, "" when it arrived."""

    ref: str
    error: str = ""


def settle(session: Session, vault: Vault, *, channel: str, receipts: Sequence[Receipt], now: datetime) -> int:
    """Write down how messages ended, and begin the next channel of those that never arrived; how many changed.

    The first word about a message counts, also one that came before the message had its name, and what has arrived
    cannot fail any more.
    """
    said = _first_words(receipts)
    said |= _early(session, channel, said)
    return sum(_settle(session, vault, row, said[row.provider_ref or ""], now) for row in _of(session, channel, said))


def keep(session: Session, *, channel: str, receipts: Sequence[Receipt], now: datetime) -> int:
    """Keep what is said of messages that nobody knows: a call is written down after its receipt may come; how many."""
    said = _first_words(receipts)
    mine = (EarlyReceipt.channel == channel, EarlyReceipt.ref.in_(said))
    unknown = (
        set(said) - set(_known(session, channel, said)) - set(session.scalars(select(EarlyReceipt.ref).where(*mine)))
    )
    return sum(_keep(session, channel, said[ref], now) for ref in sorted(unknown))


def catch_up(session: Session, vault: Vault, *, now: datetime, limit: int) -> int:
    """Settle what was kept, now that its message has a name; how many receipts."""
    named = (Delivery.provider_ref == EarlyReceipt.ref, Delivery.channel == EarlyReceipt.channel)
    rows = session.scalars(select(EarlyReceipt).where(select(Delivery.id).where(*named).exists()).limit(limit)).all()
    for channel in {row.channel for row in rows}:
        early = [Receipt(row.ref, row.error) for row in rows if row.channel == channel]
        settle(session, vault, channel=channel, receipts=early, now=now)
    _forget(session, [(row.channel, row.ref) for row in rows])
    return len(rows)


def forget(session: Session, *, before: datetime, limit: int) -> int:
    """Delete what nobody asked for until now; how many."""
    old = select(EarlyReceipt.channel, EarlyReceipt.ref).where(EarlyReceipt.at < before).limit(limit)
    keys = [(channel, ref) for channel, ref in session.execute(old)]
    _forget(session, keys)
    return len(keys)


def _first_words(receipts: Sequence[Receipt]) -> dict[str, Receipt]:
    return {receipt.ref: receipt for receipt in reversed(receipts)}


def _early(session: Session, channel: str, refs: Collection[str]) -> dict[str, Receipt]:
    """What was kept of these messages."""
    mine = select(EarlyReceipt).where(EarlyReceipt.channel == channel, EarlyReceipt.ref.in_(refs))
    return {row.ref: Receipt(row.ref, row.error) for row in session.scalars(mine)}


def _known(session: Session, channel: str, refs: Collection[str]) -> list[str]:
    wanted = select(Delivery.provider_ref).where(Delivery.provider_ref.in_(refs), Delivery.channel == channel)
    return [ref for ref in session.scalars(wanted) if ref is not None]


def _of(session: Session, channel: str, refs: Collection[str]) -> list[Delivery]:
    """The messages of these names, held until the commit."""
    mine = select(Delivery.id).where(Delivery.provider_ref.in_(refs), Delivery.channel == channel)
    return list(deliveries.locked(session, session.scalars(mine).all()).values())


def _settle(session: Session, vault: Vault, row: Delivery, receipt: Receipt, now: datetime) -> bool:
    name = "bounce" if receipt.error else "confirm"
    if DELIVERY.target(name, row.status) is None:
        return False
    if receipt.error:
        deliveries.bounce(session, vault, row, error=receipt.error, now=now)
    else:
        deliveries.move(session, row, "confirm", now=now, role=deliveries.PROVIDER)
    return True


def _keep(session: Session, channel: str, receipt: Receipt, now: datetime) -> bool:
    try:
        with session.begin_nested():
            session.add(EarlyReceipt(channel=channel, ref=receipt.ref, error=receipt.error[:64], at=now))
    except IntegrityError:
        return False  # told at the same moment by another callback: the first word counts
    return True


def _forget(session: Session, keys: Collection[tuple[str, str]]) -> None:
    if keys:
        mine = tuple_(EarlyReceipt.channel, EarlyReceipt.ref).in_(keys)
        session.execute(delete(EarlyReceipt).where(mine).execution_options(synchronize_session=False))
