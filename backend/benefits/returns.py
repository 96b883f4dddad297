"""Taking in what the bank answered: a file in whole or not at all, the same one once, no answer ever overwritten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from backend.benefits import bank_files, batches, policy
from backend.benefits.bank_files import BankFile, BankLine, Faults
from backend.benefits.policy import Clerk
from backend.events import audit, outbox
from backend.kernel import ids
from backend.kernel.crypto import Unreadable, Vault, place
from backend.kernel.errors import Conflict
from backend.kernel.i18n import N_
from backend.models.benefit import BankReturn, Payment, PaymentAttempt, PaymentBatch, Recipient
from backend.models.resident import Resident
from backend.notifications import staff as inbox

MADE, FAILED = "payment_made", "payment_failed"
PIECE = 1000


@dataclass(frozen=True, slots=True)
class _Answer:
    """A line of the file with the attempt it answers."""

    line: BankLine
    attempt_id: int
    payment_id: int
    resident_id: int
    key: str = field(repr=False)


def take_in(session: Session, vault: Vault, *, reviewer: Clerk, number: str, file: BankFile, now: datetime) -> int:
    """Write down what the bank answered; the id of the file's row. Lines that are missing stay open.

    Errors: 404; 409 ``not_exported``; 422 ``bank_file`` with every fault by line.
    """
    batch = batches.held(session, reviewer, number)
    known = select(BankReturn.id).where(BankReturn.batch_id == batch.id, BankReturn.digest == file.digest)
    if (earlier := session.scalar(known)) is not None:
        return earlier
    if batch.exported_at is None:
        raise Conflict("not_exported", N_("这一批还没有导出交银行，不会有回盘"))
    answers = _answers(session, batch, file)
    paid, failed = _split(answers)
    _pay(session, batch, paid, now)
    _fail(session, vault, batch, failed, now)
    _tell(session, (*paid, *failed), now)
    row = _record(session, reviewer, batch, file, paid, failed, now)
    _settle(session, batch, now)
    actor = policy.actor(reviewer)
    audit.append(session, batch, act="payment_batch.return", actor=actor, now=now, commitment=file.digest)
    if failed:
        facts = {"number": batch.number, "count": len(failed)}
        event = f"{batch.number}:{ids.encode(row.id)}"
        inbox.tell(session, staff_id=batch.prepared_by, kind="payments_failed", event=event, facts=facts, now=now)
    return row.id


def _answers(session: Session, batch: PaymentBatch, file: BankFile) -> list[_Answer]:
    """The lines that say something new; refused as a whole when one cannot be true of this batch."""
    frozen = _frozen(session, batch.id)
    elsewhere = _elsewhere(session, [line.reference for line in file.lines if line.reference not in frozen])
    times = Counter(line.reference for line in file.lines)
    faults: Faults = {}
    answers = []
    for line in file.lines:
        row = frozen.get(line.reference)
        if times[line.reference] > 1:
            bank_files.fault(faults, line.line, N_("这个编号在文件里出现了 %(n)s 次", n=times[line.reference]))
        if row is None:
            other = line.reference in elsewhere
            words = N_("这笔在别的批次里，请看是不是传错了批次") if other else N_("没有这个编号，请用银行给的原文件")
            bank_files.fault(faults, line.line, words)
            continue
        if row.fen != line.fen:
            bank_files.fault(faults, line.line, N_("金额和这一批导出的不一样"))
        if row.outcome is None:
            answers.append(_Answer(line, row.id, row.payment_id, row.resident_id, row.key))
        elif row.outcome != ("paid" if line.paid else "failed"):
            bank_files.fault(faults, line.line, N_("和以前回盘的结果相反，请先向银行问清楚"))
    bank_files.refuse(faults)
    return answers


def _frozen(session: Session, batch_id: int) -> dict[str, Any]:
    """The attempts of a batch by reference, with whose they are."""
    columns = (
        PaymentAttempt.id,
        PaymentAttempt.payment_id,
        PaymentAttempt.fen,
        PaymentAttempt.outcome,
        Payment.reference,
        Recipient.resident_id,
        Resident.key,
    )
    return {row.reference: row for row in session.execute(batches.lines(batch_id, *columns))}


def _elsewhere(session: Session, references: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(references), PIECE):
        piece = references[start : start + PIECE]
        found.update(session.scalars(select(Payment.reference).where(Payment.reference.in_(piece))))
    return found


def _split(answers: Sequence[_Answer]) -> tuple[list[_Answer], list[_Answer]]:
    return [one for one in answers if one.line.paid], [one for one in answers if not one.line.paid]


def _pay(session: Session, batch: PaymentBatch, paid: list[_Answer], now: datetime) -> None:
    for start in range(0, len(paid), PIECE):
        piece = paid[start : start + PIECE]
        mine = (PaymentAttempt.id.in_([one.attempt_id for one in piece]), PaymentAttempt.outcome.is_(None))
        batches.exactly(
            session, update(PaymentAttempt).where(*mine).values(outcome="paid", answered_at=now), len(piece)
        )
        due = (
            Payment.id.in_([one.payment_id for one in piece]),
            Payment.batch_id == batch.id,
            Payment.paid_at.is_(None),
        )
        batches.exactly(session, update(Payment).where(*due).values(paid_at=now, failed_at=None), len(piece))


def _fail(session: Session, vault: Vault, batch: PaymentBatch, failed: list[_Answer], now: datetime) -> None:
    """The payments are free for the next batch, the reasons sealed with the keys of those they concern."""
    for start in range(0, len(failed), PIECE):
        piece = failed[start : start + PIECE]
        free = (Payment.id.in_([one.payment_id for one in piece]), Payment.batch_id == batch.id)
        batches.exactly(session, update(Payment).where(*free).values(batch_id=None, failed_at=now), len(piece))
    if failed:
        table: Any = PaymentAttempt.__table__
        values = {"outcome": "failed", "answered_at": now, "reason": bindparam("words")}
        statement = update(table).where(table.c.id == bindparam("attempt")).values(values)
        session.connection().execute(
            statement, [{"attempt": one.attempt_id, "words": _sealed(vault, one)} for one in failed]
        )


def _sealed(vault: Vault, one: _Answer) -> str | None:
    at = place("payment_attempt", "reason", one.attempt_id)
    try:
        return vault.person(one.key, one.resident_id).seal_text(one.line.reason, at) if one.line.reason else None
    except Unreadable:  # the person has been erased meanwhile, and so are words about them
        return None


def _tell(session: Session, answers: Sequence[_Answer], now: datetime) -> None:
    for one in answers:
        topic = MADE if one.line.paid else FAILED
        key = f"{topic}:{one.attempt_id}"
        outbox.add(session, topic=topic, subject_id=one.attempt_id, dedupe_key=key, now=now)


def _record(
    session: Session,
    reviewer: Clerk,
    batch: PaymentBatch,
    file: BankFile,
    paid: list[_Answer],
    failed: list[_Answer],
    now: datetime,
) -> BankReturn:
    row = BankReturn(
        id=ids.new_id(now),
        batch_id=batch.id,
        digest=file.digest,
        imported_by=reviewer.id,
        imported_at=now,
        paid=len(paid),
        failed=len(failed),
        sums={"paid_fen": sum(one.line.fen for one in paid), "failed_fen": sum(one.line.fen for one in failed)},
    )
    session.add(row)
    return row


def _settle(session: Session, batch: PaymentBatch, now: datetime) -> None:
    waiting = select(PaymentAttempt.id).where(PaymentAttempt.batch_id == batch.id, PaymentAttempt.outcome.is_(None))
    if batch.settled_at is None and session.scalar(waiting.limit(1)) is None:
        batch.settled_at = now
