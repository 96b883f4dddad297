"""Who stood in the period before and does not stand in this one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from backend.benefits.policy import Clerk
from backend.models.benefit import Payment, Recipient


@dataclass(frozen=True, slots=True)
class Place:
    """A jurisdiction of payments: a county, or one town of it."""

    county: str
    town: str | None

    @classmethod
    def of(cls, clerk: Clerk) -> Place:
        return cls.region(clerk.region)

    @classmethod
    def region(cls, code: str) -> Place:
        """The county or town of a 12-digit code."""
        county = code[:6] + "000000"
        return cls(county, None if code == county else code)

    @property
    def inside(self) -> list[ColumnElement[bool]]:
        town = [Payment.town == self.town] if self.town else []
        return [Payment.county == self.county, *town]


def people(session: Session, where: Place, service_item: str, period: str) -> set[int]:
    """The recipients who were paid in the period before and have no payment in this one."""
    before = previous(session, where, service_item, period)
    if before is None:
        return set()
    return set(session.scalars(select(Payment.recipient_id).where(*_gone(where, service_item, before, period))))


def names(session: Session, where: Place, service_item: str, period: str, *, limit: int) -> Sequence[tuple[str, str]]:
    """Masked name and village code of those people, the first so many."""
    before = previous(session, where, service_item, period)
    if before is None:
        return []
    query = select(Recipient.holder_masked, Recipient.village).join(Payment, Payment.recipient_id == Recipient.id)
    found = session.execute(query.where(*_gone(where, service_item, before, period)).order_by(Payment.id).limit(limit))
    return [(name, village) for name, village in found]


def previous(session: Session, where: Place, service_item: str, period: str) -> str | None:
    """The latest period before this one in which anybody there was paid."""
    there = (*where.inside, Payment.service_item == service_item, Payment.period < period)
    return session.scalar(select(func.max(Payment.period)).where(*there))


def _gone(where: Place, service_item: str, before: str, period: str) -> list[ColumnElement[bool]]:
    now = aliased(Payment)
    again = select(now.id).where(
        now.recipient_id == Payment.recipient_id, now.service_item == service_item, now.period == period
    )
    listed = or_(Payment.paid_at.is_not(None), Payment.batch_id.is_not(None))
    here = [*where.inside, Payment.service_item == service_item, Payment.period == before]
    return [*here, listed, ~again.exists()]
