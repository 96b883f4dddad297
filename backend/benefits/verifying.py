"""Counting a batch again from its history: the same lines, the same sum, the same checksum, and what the bank said."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.benefits import checksums
from backend.benefits.checksums import Frozen, Sums
from backend.benefits.ended import Place
from backend.events import chains
from backend.models.benefit import BankReturn, Payment, PaymentAttempt, PaymentBatch

OUTCOMES = ("paid", "failed", "open", "discarded")


@dataclass(frozen=True, slots=True)
class Verdict:
    """``recorded``: what the batch says; ``counted``: what its attempts say; ``fault``: of its chain, in English."""

    recorded: Sums
    counted: Sums
    answers_agree: bool
    fault: str | None

    @property
    def sound(self) -> bool:
        return self.recorded == self.counted and self.answers_agree and self.fault is None


def of_batch(session: Session, batch: PaymentBatch) -> Verdict:
    """Count one batch again: its lines, the bank's answers by file and by line, and the chain of its acts."""
    sums = statement(session, batch.id)
    fault = next(iter(chains.faults(session, [batch])), None)
    return Verdict(
        recorded=Sums(batch.count, batch.total_fen, batch.checksum),
        counted=checksums.of(lines(session, batch.id)),
        answers_agree=_answered(session, batch.id) == (sums["paid"], sums["failed"]),
        fault=f"row {fault.sequence} {fault.what}" if fault else None,
    )


def lines(session: Session, batch_id: int) -> list[Frozen]:
    """The frozen lines of a batch."""
    query = (
        select(
            Payment.reference,
            Payment.recipient_id,
            PaymentAttempt.amount_class,
            PaymentAttempt.fen,
            PaymentAttempt.account,
        )
        .join(Payment, Payment.id == PaymentAttempt.payment_id)
        .where(PaymentAttempt.batch_id == batch_id)
    )
    return [Frozen(*row) for row in session.execute(query)]


def statement(session: Session, batch_id: int) -> dict[str, tuple[int, int]]:
    """Lines and fen of a batch by what became of them: paid, failed, open, discarded."""
    columns = (PaymentAttempt.outcome, func.count(), func.sum(PaymentAttempt.fen))
    query = select(*columns).where(PaymentAttempt.batch_id == batch_id).group_by(PaymentAttempt.outcome)
    found = {outcome or "open": (count, int(fen)) for outcome, count, fen in session.execute(query)}
    return {name: found.get(name, (0, 0)) for name in OUTCOMES}


def of_period(session: Session, *, region: str, service_item: str, period: str) -> dict[str, tuple[int, int]]:
    """Payments and fen of a period in a county or town (12 digits): paid, failed (free again), open (in a batch),
    free (its batch was sent back)."""
    where = Place.region(region)
    columns = (Payment.paid_at.is_not(None), Payment.batch_id.is_not(None), Payment.failed_at.is_not(None))
    query = select(*columns, func.count(), func.sum(Payment.fen)).where(
        *where.inside, Payment.service_item == service_item, Payment.period == period
    )
    sums = {"paid": (0, 0), "failed": (0, 0), "open": (0, 0), "free": (0, 0)}
    for paid, batched, failed, count, fen in session.execute(query.group_by(*columns)):
        name = "paid" if paid else "open" if batched else "failed" if failed else "free"
        before = sums[name]
        sums[name] = (before[0] + count, before[1] + int(fen))
    return sums


def _answered(session: Session, batch_id: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """What the files of the bank said, added up: lines and fen, paid and failed."""
    files = session.scalars(select(BankReturn).where(BankReturn.batch_id == batch_id)).all()
    return (
        (sum(one.paid for one in files), sum(one.sums["paid_fen"] for one in files)),
        (sum(one.failed for one in files), sum(one.sums["failed_fen"] for one in files)),
    )
