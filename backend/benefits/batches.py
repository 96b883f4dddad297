"""Payment batches 发放批次: one clerk freezes a list, another looks and approves; only then may it go to the bank.

No payment is made twice: the row of a payment is unique per recipient, item and period, and a batch takes it by one
conditional UPDATE while it is in no other. What is frozen stands in the attempts; later changes of a recipient reach
the next batch only.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Update, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.accounts import queries as staffing
from backend.benefits import accounts, checksums, ended, payees, periods, policy, verifying
from backend.benefits.checksums import Frozen
from backend.benefits.payees import Drawn, Line
from backend.benefits.periods import Period
from backend.benefits.policy import Clerk
from backend.catalogue import queries as catalogue
from backend.catalogue.definition import ItemDefinition
from backend.events import audit
from backend.kernel import ids
from backend.kernel.clock import local, today
from backend.kernel.crypto import Vault, place
from backend.kernel.errors import Collision, Conflict, Forbidden, Invalid, NotFound
from backend.kernel.i18n import N_
from backend.models.benefit import Payment, PaymentAttempt, PaymentBatch, Recipient
from backend.models.resident import Resident
from backend.models.staff import StaffRelative
from backend.notifications import staff as inbox

PIECE = 1000
QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch would hold, before anything is written."""

    definition: ItemDefinition
    period: Period
    drawn: Drawn = field(repr=False)
    differences: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Frozen:
    """A line with its ids and its account as sealed for the attempt."""

    line: Line
    payment_id: int
    attempt_id: int
    account: str = field(repr=False)


def plan(session: Session, vault: Vault, *, reviewer: Clerk, service_item: str, period: str, now: datetime) -> Plan:
    """The dry run. Errors: 403 villages, 422 an item without a benefit, a period of another form or yet to come."""
    policy.check_decides(reviewer)
    definition = catalogue.definition(session, service_item)
    if definition.benefit is None:
        words = N_("这个事项不发钱，请换一个")
        raise Invalid("no_benefit", words, errors={"service_item": [words]})
    asked = periods.read(definition.benefit.period, period, today=today(now))
    drawn = payees.draw(session, vault, clerk=reviewer, definition=definition, period=asked)
    counts = Counter(line.difference for line in drawn.lines)
    gone = ended.people(session, ended.Place.of(reviewer), service_item, asked.code)
    gone -= {line.recipient_id for line in drawn.lines}
    differences = {name: counts[name] for name in payees.DIFFERENCES} | {"ended": len(gone)}
    return Plan(definition, asked, drawn, differences)


def prepare(session: Session, vault: Vault, *, reviewer: Clerk, service_item: str, period: str, now: datetime) -> int:
    """Freeze the list of a period; the batch's id. Of two who prepare at once the second finds who is left.

    Errors: as ``plan``, and 409 ``nobody_to_pay``.
    """
    found = plan(session, vault, reviewer=reviewer, service_item=service_item, period=period, now=now)
    if not found.drawn.lines:
        raise Conflict("nobody_to_pay", N_("这一期没有等着发的人：都发了，或者在别的批次里"))
    frozen = _freeze(found.drawn.lines, now)
    sums = checksums.of(_canonical(one) for one in frozen)
    day = local(now)
    batch = PaymentBatch(
        id=ids.new_id(now),
        number=ids.number_of("FF", day.year, day.month),
        county=reviewer.region[:6] + "000000",
        region=reviewer.region,
        service_item=service_item,
        period=found.period.code,
        prepared_by=reviewer.id,
        prepared_at=now,
        count=sums.count,
        total_fen=sums.total_fen,
        checksum=sums.checksum,
        differences=found.differences,
        audit_sequence=0,
        audit_head="",
    )
    actor = policy.actor(reviewer)
    audit.append(session, batch, act="payment_batch.prepare", actor=actor, now=now, commitment=batch.checksum)
    session.add(batch)
    try:
        session.flush()
        _write(session, batch, frozen)
    except IntegrityError as race:  # somebody was faster with these payments, or a random number was taken
        raise Collision from race
    return batch.id


def _freeze(lines: list[Line], now: datetime) -> list[_Frozen]:
    new = iter(ids.new_ids(now, len(lines)))
    attempts = ids.new_ids(now, len(lines))
    return [
        _Frozen(
            line,
            next(new) if line.payment_id is None else line.payment_id,
            attempt,
            accounts.sealed(line.seal, line.account, place("payment_attempt", "account", attempt)),
        )
        for line, attempt in zip(lines, attempts, strict=True)
    ]


def _canonical(one: _Frozen) -> Frozen:
    line = one.line
    return Frozen(checksums.reference(one.payment_id), line.recipient_id, line.amount_class, line.fen, one.account)


def _write(session: Session, batch: PaymentBatch, frozen: list[_Frozen]) -> None:
    """New payments, earlier ones that are free again, and an attempt for each; all or none."""
    fresh = [_payment(batch, one) for one in frozen if one.line.payment_id is None]
    for start in range(0, len(fresh), PIECE):
        session.execute(insert(Payment), fresh[start : start + PIECE])
    again: dict[tuple[str, int], list[int]] = {}
    for one in frozen:
        if one.line.payment_id is not None:
            again.setdefault((one.line.amount_class, one.line.fen), []).append(one.payment_id)
    for (amount_class, fen), found in again.items():
        _take(session, found, batch_id=batch.id, amount_class=amount_class, fen=fen)
    attempts = [_attempt(batch, one) for one in frozen]
    for start in range(0, len(attempts), PIECE):
        session.execute(insert(PaymentAttempt), attempts[start : start + PIECE])


def _take(session: Session, found: list[int], **values: Any) -> None:
    """Payments of an earlier try, as long as no other batch has them."""
    free = (Payment.batch_id.is_(None), Payment.paid_at.is_(None))
    for start in range(0, len(found), PIECE):
        piece = found[start : start + PIECE]
        exactly(session, update(Payment).where(Payment.id.in_(piece), *free).values(**values), len(piece))


def _payment(batch: PaymentBatch, one: _Frozen) -> dict[str, Any]:
    return {
        "id": one.payment_id,
        "reference": checksums.reference(one.payment_id),
        "recipient_id": one.line.recipient_id,
        "county": batch.county,
        "town": one.line.town,
        "service_item": batch.service_item,
        "period": batch.period,
        "amount_class": one.line.amount_class,
        "fen": one.line.fen,
        "batch_id": batch.id,
    }


def _attempt(batch: PaymentBatch, one: _Frozen) -> dict[str, Any]:
    return {
        "id": one.attempt_id,
        "batch_id": batch.id,
        "payment_id": one.payment_id,
        "amount_class": one.line.amount_class,
        "fen": one.line.fen,
        "account": one.account,
        "difference": one.line.difference,
    }


def approve(session: Session, *, reviewer: Clerk, number: str, now: datetime) -> int:
    """Let a batch go to the bank: by a clerk of the county who did not prepare it and does not stand in it.

    Errors: 404, 403 ``not_your_level``, ``same_person``, ``own_case``; 409 a batch that is not waiting or was altered.
    """
    batch = held(session, reviewer, number)
    if reviewer.level != "county":
        raise Forbidden("not_your_level", N_("发放批次由区县审核，请等区县的同事"))
    _check_waiting(batch)
    _check_other_person(session, reviewer, batch)
    if not verifying.of_batch(session, batch).sound:
        raise Conflict("batch_altered", N_("批次的名单和准备时不一样，不能审核，请告诉管理员"))
    batch.approved_by, batch.approved_at = reviewer.id, now
    actor = policy.actor(reviewer)
    audit.append(session, batch, act="payment_batch.approve", actor=actor, now=now, commitment=batch.checksum)
    _tell_preparer(session, reviewer, batch, "payment_batch_approved", now)
    return batch.id


def discard(session: Session, vault: Vault, *, reviewer: Clerk, number: str, reason: str, now: datetime) -> int:
    """Send a batch back before it went to the bank: by the county, or by its own preparer; payments are free again."""
    batch = held(session, reviewer, number)
    if reviewer.level != "county" and batch.prepared_by != reviewer.id:
        raise Forbidden("not_your_level", N_("发放批次由区县审核，请等区县的同事"))
    if batch.exported_at is not None:
        raise Conflict("already_exported", N_("这一批已经导出交银行，不能退回；没打成的等银行回盘"))
    if batch.discarded_at is not None:
        raise Conflict("already_discarded", N_("这一批已经退回"))
    batch.discarded_by, batch.discarded_at = reviewer.id, now
    batch.discard_reason = vault.seal(reason.encode(), place("payment_batch", "discard_reason", batch.id))
    mine = update(PaymentAttempt).where(PaymentAttempt.batch_id == batch.id)
    exactly(session, mine.values(outcome="discarded", answered_at=now), batch.count)
    exactly(session, update(Payment).where(Payment.batch_id == batch.id).values(batch_id=None), batch.count)
    commitment = hashlib.sha256(batch.discard_reason.encode()).hexdigest()
    actor = policy.actor(reviewer)
    audit.append(session, batch, act="payment_batch.discard", actor=actor, now=now, commitment=commitment)
    _tell_preparer(session, reviewer, batch, "payment_batch_discarded", now)
    return batch.id


def held(session: Session, reviewer: Clerk, number: str, *, lock: bool = True) -> PaymentBatch:
    """A batch of the clerk's own office, or of the county's; ``NotFound`` for any other."""
    policy.check_decides(reviewer)
    query = select(PaymentBatch).where(PaymentBatch.number == number.strip().upper())
    batch = session.scalar(query.with_for_update() if lock else query)
    if batch is None or not sees(reviewer, batch):
        raise NotFound("not_found", N_("没有找到这个发放批次，请核对编号"))
    return batch


def lines(batch_id: int, *columns: Any) -> Select[Any]:
    """Columns of the frozen lines of a batch, their payments, and whose they are, in order of the references."""
    return (
        select(*columns)
        .select_from(PaymentAttempt)
        .join(Payment, Payment.id == PaymentAttempt.payment_id)
        .join(Recipient, Recipient.id == Payment.recipient_id)
        .join(Resident, Resident.id == Recipient.resident_id)
        .where(PaymentAttempt.batch_id == batch_id)
        .order_by(PaymentAttempt.payment_id)
    )


def sees(reviewer: Clerk, batch: PaymentBatch) -> bool:
    return reviewer.region == (batch.county if reviewer.level == "county" else batch.region)


def _check_waiting(batch: PaymentBatch) -> None:
    if batch.discarded_at is not None:
        raise Conflict("already_discarded", N_("这一批已经退回"))
    if batch.approved_at is not None:
        raise Conflict("already_approved", N_("这一批已经审核过了"))


def _check_other_person(session: Session, reviewer: Clerk, batch: PaymentBatch) -> None:
    """Two people see every payment, and nobody approves money for themselves or their declared family."""
    preparer = staffing.staff(session, batch.prepared_by)
    known = preparer.person_index if preparer else None
    if reviewer.id == batch.prepared_by or (known and known == reviewer.person_index):
        raise Forbidden("same_person", N_("准备的人不能自己审核，请另一位同事来审"))
    family = session.scalars(select(StaffRelative.person_index).where(StaffRelative.staff_id == reviewer.id)).all()
    near = [index for index in (reviewer.person_index, *family) if index]
    mine = select(Payment.id).join(Recipient, Recipient.id == Payment.recipient_id).limit(1)
    if near and session.scalar(mine.where(Payment.batch_id == batch.id, Recipient.person_index.in_(near))):
        raise Forbidden("own_case", N_("名单里有您本人或您的亲属，请另一位同事来审"))


def _tell_preparer(session: Session, reviewer: Clerk, batch: PaymentBatch, kind: str, now: datetime) -> None:
    if batch.prepared_by != reviewer.id:
        facts = {"number": batch.number, "post": reviewer.post}
        inbox.tell(session, staff_id=batch.prepared_by, kind=kind, event=batch.number, facts=facts, now=now)


def exactly(session: Session, statement: Update, rows: int) -> None:
    """An UPDATE that finds so many rows, or the command begins again on what is there now."""
    result: Any = session.execute(statement, execution_options=QUIET)
    if result.rowcount != rows:
        raise Collision
