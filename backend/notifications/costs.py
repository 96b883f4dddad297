"""What text messages cost in a month, and what happens when its budget is used up: totals only, of all kinds together.

Everything a provider has taken counts, codes too; only codes are never held back. A chunk that is under way when the
budget ends may pass it by its own price.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.kernel import sms_parts
from backend.kernel.clock import local
from backend.kernel.crypto import Vault
from backend.models.delivery import SmsMonth
from backend.models.staff import Staff
from backend.notifications import deliveries, staff

#: Thousandths of a yuan in one.
YUAN = 1000
#: Percent of the budget at which administrators are told.
WARNED = (80, 100)
#: What the record of a message says that the budget kept from going out.
ERROR = "budget"
#: The kind of the staff message.
KIND = "sms_budget"


@dataclass(frozen=True, slots=True)
class Tariff:
    """``price``: thousandths of a yuan a part; ``budget``: yuan a month, 0 for none; ``sign`` counts in every text."""

    sign: str
    price: int
    budget: int

    def cost(self, texts: Sequence[str]) -> tuple[int, int]:
        """Parts, and thousandths of a yuan."""
        parts = sum(sms_parts.parts(text, self.sign) for text in texts)
        return parts, parts * self.price


@dataclass(frozen=True, slots=True)
class Month:
    """``month``: 2026-11; ``cost`` in thousandths of a yuan; ``exhausted_at``: when the budget was first used up."""

    month: str
    messages: int
    parts: int
    cost: int
    exhausted_at: datetime | None


def book(session: Session, *, tariff: Tariff, texts: Sequence[str], now: datetime) -> None:
    """Count texts that the provider has taken, and tell administrators once as the budget nears its end and at it."""
    if not texts:
        return
    month, (parts, cost) = month_of(now), tariff.cost(texts)
    _add(session, month, len(texts), parts, cost)
    if tariff.budget:
        # The row is ours until the commit: each mark is passed by exactly one transaction.
        after = session.scalars(select(SmsMonth.cost).where(SmsMonth.month == month)).one()
        for percent in WARNED:
            if after - cost < tariff.budget * YUAN * percent // 100 <= after:
                _warn(session, month, percent, tariff, now)


def used_up(session: Session, *, tariff: Tariff, now: datetime) -> bool:
    """Whether nothing but codes may go out for the rest of the month."""
    return left(session, tariff=tariff, now=now) == 0


def left(session: Session, *, tariff: Tariff, now: datetime) -> int | None:
    """Thousandths of a yuan that this month still has; ``None`` without a budget."""
    if not tariff.budget:
        return None
    spent = session.scalar(select(SmsMonth.cost).where(SmsMonth.month == month_of(now))) or 0
    return max(tariff.budget * YUAN - spent, 0)


def turn_away(session: Session, vault: Vault, *, delivery_ids: Collection[int], now: datetime) -> None:
    """Deliveries that the budget keeps from going out by SMS: the record says so, the inbox has them."""
    for row in deliveries.locked(session, delivery_ids).values():
        deliveries.give_up(session, vault, row, error=ERROR, keep=False, now=now)


def months(session: Session, *, limit: int = 24) -> list[Month]:
    """The newest first."""
    rows = session.scalars(select(SmsMonth).order_by(SmsMonth.month.desc()).limit(limit))
    return [Month(row.month, row.messages, row.parts, row.cost, row.exhausted_at) for row in rows]


def month_of(now: datetime) -> str:
    """The month of the calendar in China."""
    return local(now).strftime("%Y-%m")


def yuan(cost: int) -> str:
    """Thousandths of a yuan as people write money: 12.35."""
    cents = (cost + 5) // 10
    return f"{cents // 100}.{cents % 100:02d}"


def _add(session: Session, month: str, messages: int, parts: int, cost: int) -> None:
    """One UPDATE; the first message of a month writes the row."""
    more = (
        update(SmsMonth)
        .where(SmsMonth.month == month)
        .values(messages=SmsMonth.messages + messages, parts=SmsMonth.parts + parts, cost=SmsMonth.cost + cost)
        .execution_options(synchronize_session=False)
    )
    if session.execute(more).rowcount:  # type: ignore[attr-defined]  # an UPDATE's CursorResult
        return
    try:
        with session.begin_nested():
            session.add(SmsMonth(month=month, messages=messages, parts=parts, cost=cost))
    except IntegrityError:
        session.execute(more)  # another process was faster


def _warn(session: Session, month: str, percent: int, tariff: Tariff, now: datetime) -> None:
    """Tell every administrator, once for each budget that was set."""
    if percent == WARNED[-1]:
        first = update(SmsMonth).where(SmsMonth.month == month, SmsMonth.exhausted_at.is_(None))
        session.execute(first.values(exhausted_at=now).execution_options(synchronize_session=False))
    administrators = select(Staff.id).where(Staff.role == "admin", Staff.active.is_(True)).order_by(Staff.id)
    for staff_id in session.scalars(administrators).all():
        staff.tell(
            session,
            staff_id=staff_id,
            kind=KIND,
            event=f"{month}:{percent}:{tariff.budget}",
            facts={"month": month, "percent": percent, "budget": tariff.budget},
            now=now,
        )
