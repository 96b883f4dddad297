"""Payments 发放 as people look at them: a recipient's own, those the bank refused, and a batch with its lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from backend.benefits import accounts, ended, periods, policy, recipients
from backend.benefits.ended import Place
from backend.benefits.policy import Clerk
from backend.catalogue import queries as catalogue
from backend.kernel import cursors
from backend.kernel.crypto import Unreadable, Vault, place
from backend.kernel.errors import Invalid, NotFound, Wrong
from backend.kernel.i18n import N_, Text
from backend.models.benefit import Payment, PaymentAttempt, Recipient
from backend.models.resident import Resident

#: A recipient's history: a monthly benefit for five years.
MOST = 60
#: Counts stop here.
MOST_COUNTED = 100
LABELS: dict[str, Text] = {
    "paid": N_("已打到账户"),
    "open": N_("正在发放"),
    "failed": N_("没有打成"),
    "free": N_("等下一批发放"),
}


def status(payment: Payment) -> str:
    """paid, open (in a batch), failed (the bank refused it), free (its batch was sent back)."""
    if payment.paid_at:
        return "paid"
    if payment.batch_id:
        return "open"
    return "failed" if payment.failed_at else "free"


def of_recipient(session: Session, recipient_id: int) -> list[dict[str, Any]]:
    """The payments of one recipient, newest period first, for the person's own page.

    ``{reference, period, period_label, fen, yuan, status, status_label, at}``; ``at``: when it was paid or refused.
    """
    mine = select(Payment).where(Payment.recipient_id == recipient_id).order_by(Payment.period.desc()).limit(MOST)
    return [
        {
            "reference": one.reference,
            "period": one.period,
            "period_label": periods.label(one.period),
            "fen": one.fen,
            "yuan": f"{one.fen // 100:,}.{one.fen % 100:02d}",
            "status": status(one),
            "status_label": LABELS[status(one)],
            "at": one.paid_at or (one.failed_at if status(one) == "failed" else None),
        }
        for one in session.scalars(mine)
    ]


def failures(
    session: Session, vault: Vault, *, reviewer: Clerk, limit: int, cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """What the bank refused and nobody has paid yet, oldest first, with the cursor of the next page."""
    policy.check_decides(reviewer)
    query, after = _failed(reviewer), cursors.read(cursor)
    if after:
        moment, row_id = after
        later = and_(Payment.failed_at == moment, Payment.id > row_id)
        query = query.where(Payment.failed_at >= moment, or_(Payment.failed_at > moment, later))
    rows = session.execute(query.limit(limit + 1)).all()
    shown = rows[:limit]
    items = _described(session, vault, shown)
    last = shown[-1][0] if len(rows) > limit else None
    return items, cursors.make(last.failed_at, last.id) if last else None


def failure(session: Session, vault: Vault, *, reviewer: Clerk, reference: str) -> dict[str, Any]:
    """One payment that the bank refused; ``NotFound`` once it is in a batch again or paid."""
    policy.check_decides(reviewer)
    row = session.execute(_failed(reviewer).where(Payment.reference == reference.strip().upper())).one_or_none()
    if row is None:
        raise _no_failure()
    return _described(session, vault, [row])[0]


def mend(
    session: Session,
    vault: Vault,
    *,
    reviewer: Clerk,
    reference: str,
    name: str,
    bank: str,
    number: str,
    now: datetime,
) -> int:
    """Another account for somebody the bank refused; ``name`` "": the name stays. The next batch pays to it.

    Errors: 404; as ``recipients.change_account``; 422 ``invalid_account``.
    """
    policy.check_decides(reviewer)
    query = _failed(reviewer).where(Payment.reference == reference.strip().upper())
    row = session.execute(query).one_or_none()
    if row is None:
        raise _no_failure()
    _, recipient, key = row
    try:
        standing = accounts.of_recipient(vault.person(key, recipient.resident_id), recipient)
    except Unreadable as gone:
        raise _no_failure() from gone
    try:
        account = policy.account(name=name or standing.name, bank=bank, number=number)
    except Wrong as wrong:
        raise Invalid("invalid_account", wrong.text, errors={"number": [wrong.text]}) from wrong
    return recipients.change_account(
        session, vault, clerk=reviewer, recipient_id=recipient.id, account=account, now=now
    )


def _no_failure() -> NotFound:
    return NotFound("not_found", N_("没有找到这一笔，可能已经重新发放了"))


def count_failures(session: Session, *, reviewer: Clerk) -> int:
    """How many the bank refused, counted to ``MOST_COUNTED`` and no further."""
    some = _failed(reviewer).with_only_columns(Payment.id).order_by(None).limit(MOST_COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _failed(reviewer: Clerk) -> Select[*tuple[Any, ...]]:
    waiting = (Payment.failed_at.is_not(None), Payment.batch_id.is_(None), Payment.paid_at.is_(None))
    return (
        select(Payment, Recipient, Resident.key)
        .join(Recipient, Recipient.id == Payment.recipient_id)
        .join(Resident, Resident.id == Recipient.resident_id)
        .where(*Place.region(reviewer.region).inside, recipients.within(reviewer), *waiting)
        .order_by(Payment.failed_at, Payment.id)
    )


def _described(session: Session, vault: Vault, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """What a clerk needs to mend them; the bank's words opened, the account but for its end covered."""
    tries = _refused(session, [payment.id for payment, _, _ in rows])
    villages = catalogue.region_names(session, [recipient.village for _, recipient, _ in rows]) if rows else {}
    found = []
    for payment, recipient, key in rows:
        attempt = tries[payment.id]
        said = _opened(vault, key, recipient, attempt)
        found.append(
            {
                "reference": payment.reference,
                "recipient_id": recipient.id,
                "holder_masked": recipient.holder_masked,
                "village": villages.get(recipient.village, ""),
                "service_item": payment.service_item,
                "service_name": catalogue.definition(session, payment.service_item).name,
                "period": payment.period,
                "period_label": periods.label(payment.period),
                "fen": payment.fen,
                "failed_at": payment.failed_at,
                "ended": recipient.ended_on is not None,
                **said,
            }
        )
    return found


def _refused(session: Session, payments: list[int]) -> dict[int, PaymentAttempt]:
    """The newest refused attempt of each payment."""
    refused = (PaymentAttempt.payment_id.in_(payments), PaymentAttempt.outcome == "failed")
    found = session.scalars(select(PaymentAttempt).where(*refused).order_by(PaymentAttempt.id))
    return {one.payment_id: one for one in found}


def _opened(vault: Vault, key: str, recipient: Recipient, attempt: PaymentAttempt) -> dict[str, Any]:
    """``mended``: the account has been changed since the bank refused it."""
    try:
        seal = vault.person(key, recipient.resident_id)
        used = accounts.opened(seal, attempt.account, place("payment_attempt", "account", attempt.id))
        now = accounts.of_recipient(seal, recipient)
        words = seal.open_text(attempt.reason, place("payment_attempt", "reason", attempt.id)) if attempt.reason else ""
    except Unreadable:
        return {"reason": "", "bank": "", "account_masked": "", "mended": False}
    masked = policy.mask_account(now.number)
    return {"reason": words, "bank": now.bank, "account_masked": masked, "mended": used != now}


def gone(session: Session, *, region: str, service_item: str, period: str, limit: int = 50) -> list[dict[str, str]]:
    """People who were paid in the period before and have no payment in this one: masked, the first so many."""
    found = ended.names(session, Place.region(region), service_item, period, limit=limit)
    villages = catalogue.region_names(session, [village for _, village in found]) if found else {}
    return [{"holder_masked": name, "village": villages.get(village, "")} for name, village in found]
