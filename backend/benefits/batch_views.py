"""Payment batches as clerks see them: a list, one with its sums, its lines; masked throughout."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts import queries as staffing
from backend.benefits import accounts, batches, periods, policy, verifying
from backend.benefits.batches import Plan
from backend.benefits.payments import MOST_COUNTED
from backend.benefits.policy import Clerk
from backend.catalogue import queries as catalogue
from backend.kernel import cursors
from backend.kernel.crypto import Unreadable, Vault, place
from backend.kernel.i18n import N_, Text
from backend.models.benefit import BankReturn, Payment, PaymentAttempt, PaymentBatch, Recipient
from backend.models.resident import Resident

LABELS: dict[str, Text] = {
    "prepared": N_("等区县审核"),
    "approved": N_("已审核，等导出"),
    "exported": N_("已导出，等银行回盘"),
    "settled": N_("已办结"),
    "discarded": N_("已退回"),
}
OUTCOMES: dict[str, Text] = {
    "paid": N_("成功"),
    "failed": N_("失败"),
    "open": N_("等回盘"),
    "discarded": N_("已退回"),
}
CLASSLESS = N_("原来的档次")


def status(batch: PaymentBatch) -> str:
    """prepared, approved, exported, settled, discarded: read from the dates."""
    if batch.discarded_at:
        return "discarded"
    if batch.settled_at:
        return "settled"
    if batch.exported_at:
        return "exported"
    return "approved" if batch.approved_at else "prepared"


def actions(reviewer: Clerk, batch: PaymentBatch) -> list[str]:
    """What this clerk may do now; a second person approves."""
    county, own, now = reviewer.level == "county", batch.prepared_by == reviewer.id, status(batch)
    found = []
    if now == "prepared" and county and not own:
        found.append("approve")
    if now in ("prepared", "approved") and (county or own):
        found.append("discard")
    if now in ("approved", "exported", "settled"):
        found.append("export")
    if now in ("exported", "settled"):
        found.append("return")
    return found


def page(
    session: Session, vault: Vault, *, reviewer: Clerk, limit: int, cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """Batches of the jurisdiction, newest first, with the cursor of the next page."""
    policy.check_decides(reviewer)
    column = PaymentBatch.county if reviewer.level == "county" else PaymentBatch.region
    query = select(PaymentBatch).where(column == reviewer.region).order_by(PaymentBatch.id.desc())
    if after := cursors.read(cursor):
        query = query.where(PaymentBatch.id < after[1])
    rows = session.scalars(query.limit(limit + 1)).all()
    shown = rows[:limit]
    posts = staffing.posts(session, _people(shown))
    items = [_card(session, vault, reviewer, batch, posts) for batch in shown]
    last = shown[-1] if len(rows) > limit else None
    return items, cursors.make(last.prepared_at, last.id) if last else None


def one(session: Session, vault: Vault, *, reviewer: Clerk, number: str) -> dict[str, Any]:
    """One batch with what became of its lines, the files of the bank, and who has stopped since it was frozen."""
    batch = batches.held(session, reviewer, number, lock=False)
    sums = verifying.statement(session, batch.id)
    returns = session.scalars(select(BankReturn).where(BankReturn.batch_id == batch.id).order_by(BankReturn.id))
    return _card(session, vault, reviewer, batch, staffing.posts(session, _people([batch]))) | {
        "statement": {name: {"count": count, "total_fen": fen} for name, (count, fen) in sums.items()},
        "returns": [{"at": _iso(r.imported_at), "paid": r.paid, "failed": r.failed} for r in returns],
        "stopped_since": _stopped_since(session, batch) if status(batch) in ("prepared", "approved") else 0,
    }


def number_of(session: Session, batch_id: int) -> str:
    """The number of a batch that was just prepared."""
    return session.get_one(PaymentBatch, batch_id).number


def planned(found: Plan) -> dict[str, Any]:
    """A dry run in figures; those left out by their masked names."""
    return {
        "service_item": found.definition.code,
        "service_name": found.definition.name,
        "period": found.period.code,
        "period_label": periods.label(found.period.code),
        "count": len(found.drawn.lines),
        "total_fen": found.drawn.total_fen,
        "more": found.drawn.more,
        "differences": found.differences,
        "left_out": dict(found.drawn.why),
        "left_out_people": [
            {"recipient_id": one.recipient_id, "holder_masked": one.holder_masked, "why": one.why}
            for one in found.drawn.left_out
        ],
    }


def lines(
    session: Session,
    vault: Vault,
    *,
    reviewer: Clerk,
    number: str,
    limit: int,
    cursor: str | None,
    difference: str | None = None,
    outcome: str | None = None,
) -> tuple[list[dict[str, Any]], str | None]:
    """The frozen lines of a batch in order of their references; of one difference or outcome only."""
    batch = batches.held(session, reviewer, number, lock=False)
    query = batches.lines(batch.id, PaymentAttempt, Payment.reference, Recipient, Resident.key)
    if difference:
        query = query.where(PaymentAttempt.difference == difference)
    if outcome:
        query = query.where(PaymentAttempt.outcome == (None if outcome == "open" else outcome))
    if after := cursors.read(cursor):
        query = query.where(PaymentAttempt.payment_id > after[1])
    rows = session.execute(query.limit(limit + 1)).all()
    shown = rows[:limit]
    definition = catalogue.definition(session, batch.service_item)
    classes = {c.code: c.label for c in definition.benefit.classes} if definition.benefit else {}
    villages = catalogue.region_names(session, [r.Recipient.village for r in shown]) if shown else {}
    items = [_line(vault, row, classes, villages) for row in shown]
    last = shown[-1].PaymentAttempt if len(rows) > limit else None
    return items, cursors.make(batch.prepared_at, last.payment_id) if last else None


def _line(vault: Vault, row: Any, classes: dict[str, str], villages: dict[str, str]) -> dict[str, Any]:
    attempt, recipient = row.PaymentAttempt, row.Recipient
    try:
        seal = vault.person(row.key, recipient.resident_id)
        account = accounts.opened(seal, attempt.account, place("payment_attempt", "account", attempt.id))
        bank, masked = account.bank, policy.mask_account(account.number)
    except Unreadable:
        bank = masked = ""
    outcome = attempt.outcome or "open"
    return {
        "reference": row.reference,
        "holder_masked": recipient.holder_masked,
        "village": villages.get(recipient.village, ""),
        "amount_class": attempt.amount_class,
        "amount_class_label": classes.get(attempt.amount_class) or CLASSLESS,
        "fen": attempt.fen,
        "bank": bank,
        "account_masked": masked,
        "difference": attempt.difference,
        "outcome": outcome,
        "outcome_label": OUTCOMES[outcome],
    }


def _card(
    session: Session, vault: Vault, reviewer: Clerk, batch: PaymentBatch, posts: dict[int, str]
) -> dict[str, Any]:
    reason = batch.discard_reason
    return {
        "number": batch.number,
        "version": batch.version,
        "region": batch.region,
        "service_item": batch.service_item,
        "service_name": catalogue.definition(session, batch.service_item).name,
        "period": batch.period,
        "period_label": periods.label(batch.period),
        "status": status(batch),
        "status_label": LABELS[status(batch)],
        "allowed_actions": actions(reviewer, batch),
        "count": batch.count,
        "total_fen": batch.total_fen,
        "checksum": batch.checksum,
        "differences": batch.differences,
        "prepared_at": _iso(batch.prepared_at),
        "prepared_by": posts.get(batch.prepared_by, ""),
        "approved_at": _iso(batch.approved_at),
        "approved_by": posts.get(batch.approved_by or 0),
        "discarded_at": _iso(batch.discarded_at),
        "discarded_by": posts.get(batch.discarded_by or 0),
        "discard_reason": vault.open(reason, _reason(batch)).decode() if reason else None,
        "exported_at": _iso(batch.exported_at),
        "settled_at": _iso(batch.settled_at),
    }


def _reason(batch: PaymentBatch) -> str:
    return place("payment_batch", "discard_reason", batch.id)


def _people(found: Sequence[PaymentBatch]) -> set[int]:
    people = {who for batch in found for who in (batch.prepared_by, batch.approved_by, batch.discarded_by)}
    return {who for who in people if who}


def _stopped_since(session: Session, batch: PaymentBatch) -> int:
    """People in it whose benefit was ended after it was frozen, counted to a hundred."""
    query = select(Payment.id).join(Recipient, Recipient.id == Payment.recipient_id)
    stopped = (Recipient.ended_on.is_not(None), Recipient.updated_at > batch.prepared_at)
    some = query.where(Payment.batch_id == batch.id, *stopped).limit(MOST_COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
