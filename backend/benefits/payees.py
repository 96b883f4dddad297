"""Who is paid for a period and what: read without a lock, frozen by ``batches.prepare``, shown by a dry run.

In it: everybody with a term on some day of the period whose payment for it is neither made nor on its way. The amount
is that of the last class in the period; a part of a period is paid as a whole, because no item says otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from backend.benefits import accounts, recipients
from backend.benefits.periods import Period
from backend.benefits.policy import Account, Clerk
from backend.catalogue.definition import ItemDefinition
from backend.kernel.crypto import Seal, Unreadable, Vault, place
from backend.models.benefit import BenefitTerm, Payment, PaymentAttempt, Recipient
from backend.models.resident import Resident

#: A bank takes so many lines; who is left stands in the next batch.
MOST = 20_000
PIECE = 1000
#: So many of those left out are named.
NAMED = 50
#: What may differ from the last attempt for the same person.
DIFFERENCES = ("new", "amount", "account", "both", "again")


@dataclass(frozen=True, slots=True)
class Line:
    """One payment to be: ``payment_id`` of an earlier try for the same period, if there was one."""

    recipient_id: int
    town: str
    payment_id: int | None
    amount_class: str
    fen: int
    account: Account = field(repr=False)
    seal: Seal = field(repr=False)
    difference: str | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody on the list who cannot be paid now; ``why``: no_class, reopened, erased."""

    recipient_id: int
    holder_masked: str
    why: str


@dataclass(slots=True)
class Drawn:
    """The list: ``more`` when it ended at ``MOST``; ``why`` counts everybody who was left out."""

    lines: list[Line] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    why: Counter[str] = field(default_factory=Counter)
    more: bool = False

    @property
    def total_fen(self) -> int:
        return sum(line.fen for line in self.lines)

    def leave_out(self, row: Any, why: str) -> None:
        self.why[why] += 1
        if len(self.left_out) < NAMED:
            self.left_out.append(LeftOut(row.id, row.holder_masked, why))


@dataclass(frozen=True, slots=True)
class _Last:
    """The last attempt for a person that was not taken back."""

    payment_id: int
    fen: int
    account: str = field(repr=False)
    at: str


def draw(
    session: Session, vault: Vault, *, clerk: Clerk, definition: ItemDefinition, period: Period, most: int = MOST
) -> Drawn:
    """Everybody of the jurisdiction to be paid for the period, by recipient id."""
    fen = {one.code: one.yuan * 100 for one in definition.benefit.classes} if definition.benefit else {}
    drawn = Drawn()
    for rows in _pieces(session, clerk, definition.code, period):
        classes = _classes(session, [row.id for row in rows], period)
        last = _last(session, [row.id for row in rows])
        for row in rows:
            if row.id not in classes:
                continue
            if len(drawn.lines) == most:
                drawn.more = True
                return drawn
            _add(drawn, vault, row, fen, classes[row.id], last.get(row.id))
    return drawn


def _add(drawn: Drawn, vault: Vault, row: Any, fen: dict[str, int], amount_class: str, last: _Last | None) -> None:
    if row.end_reason == "reopened":
        drawn.leave_out(row, "reopened")
    elif amount_class not in fen:
        drawn.leave_out(row, "no_class")
    else:
        try:
            seal = vault.person(row.key, row.resident_id)
            account = accounts.opened(seal, row.account, place(accounts.TABLE, "account", row.id))
            found = _difference(seal, last, row.payment_id, fen[amount_class], account)
        except Unreadable:
            drawn.leave_out(row, "erased")
        else:
            drawn.lines.append(
                Line(row.id, row.town, row.payment_id, amount_class, fen[amount_class], account, seal, found)
            )


def _difference(seal: Seal, last: _Last | None, payment_id: int | None, fen: int, account: Account) -> str | None:
    """``again``: a payment that the bank refused goes to the same account once more."""
    if last is None:
        return "new"
    try:
        moved = accounts.opened(seal, last.account, last.at) != account
    except Unreadable:  # it was sealed by another account: a helper's, now the person's own, or the other way round
        moved = True
    if moved:
        return "both" if last.fen != fen else "account"
    if last.fen != fen:
        return "amount"
    return "again" if last.payment_id == payment_id else None


def _pieces(session: Session, clerk: Clerk, service_item: str, period: Period) -> Iterator[Sequence[Any]]:
    """Recipients of the jurisdiction without a payment made or on its way, in order of their ids."""
    query, after = _unpaid(service_item, period).where(recipients.within(clerk)), 0
    while rows := session.execute(query.where(Recipient.id > after).limit(PIECE)).all():
        yield rows
        after = rows[-1].id


def _unpaid(service_item: str, period: Period) -> Select[*tuple[Any, ...]]:
    columns = (
        Recipient.id,
        Recipient.resident_id,
        Recipient.town,
        Recipient.holder_masked,
        Recipient.end_reason,
        Recipient.account,
        Resident.key,
        Payment.id.label("payment_id"),
    )
    same = (Payment.recipient_id == Recipient.id, Payment.service_item == service_item, Payment.period == period.code)
    free = or_(Payment.id.is_(None), and_(Payment.batch_id.is_(None), Payment.paid_at.is_(None)))
    joined = select(*columns).join(Resident, Resident.id == Recipient.resident_id).outerjoin(Payment, and_(*same))
    return joined.where(Recipient.service_item == service_item, free).order_by(Recipient.id)


def _classes(session: Session, ids: list[int], period: Period) -> dict[int, str]:
    """The last amount class that each had on a day of the period; who is missing had none."""
    inside: tuple[ColumnElement[bool], ...] = (
        BenefitTerm.from_on < period.beyond,
        or_(BenefitTerm.to_on.is_(None), BenefitTerm.to_on > period.first),
        or_(BenefitTerm.to_on.is_(None), BenefitTerm.to_on > BenefitTerm.from_on),
    )
    query = select(BenefitTerm.recipient_id, BenefitTerm.amount_class).where(BenefitTerm.recipient_id.in_(ids), *inside)
    return dict(session.execute(query.order_by(BenefitTerm.from_on, BenefitTerm.id)).all())


def _last(session: Session, ids: list[int]) -> dict[int, _Last]:
    """The newest attempt for each that was not taken back, whatever became of it."""
    joined = select(func.max(PaymentAttempt.id)).join(Payment, Payment.id == PaymentAttempt.payment_id)
    kept = or_(PaymentAttempt.outcome.is_(None), PaymentAttempt.outcome != "discarded")
    newest = joined.where(Payment.recipient_id.in_(ids), kept).group_by(Payment.recipient_id)
    query = (
        select(Payment.recipient_id, Payment.id, PaymentAttempt.id, PaymentAttempt.fen, PaymentAttempt.account)
        .join(Payment, Payment.id == PaymentAttempt.payment_id)
        .where(PaymentAttempt.id.in_(session.scalars(newest).all()))
    )
    return {
        recipient: _Last(payment, fen, account, place("payment_attempt", "account", attempt))
        for recipient, payment, attempt, fen, account in session.execute(query)
    }
