"""Payment batches as an office walks them: prepared by the town, approved by the county, exported, answered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.applications.policy import Reviewer
from backend.benefits import bank_files, batches, exports, recipients, returns
from backend.kernel.clock import today
from backend.models.benefit import Payment, PaymentAttempt, PaymentBatch
from tests.benefits import AWARD
from tests.people import Cast

PERIOD = "2026"
HEADING = "编号,金额,结果,原因"


def prepare(
    cast: Cast, level: str | Reviewer = "town", *, item: str = AWARD, period: str = PERIOD, **options: Any
) -> PaymentBatch:
    """A batch of everybody in the jurisdiction."""
    reviewer = level if isinstance(level, Reviewer) else cast.reviewers[level]
    batch = cast.run(
        batches.prepare,
        vault=cast.vault,
        reviewer=reviewer,
        service_item=item,
        period=period,
        now=cast.clock(),
        **options,
    )
    return load(cast, batch)


def approve(cast: Cast, batch: PaymentBatch, reviewer: Reviewer | None = None) -> PaymentBatch:
    cast.run(batches.approve, reviewer=reviewer or cast.reviewers["county"], number=batch.number, now=cast.clock())
    return load(cast, batch.id)


def discard(
    cast: Cast, batch: PaymentBatch, reviewer: Reviewer | None = None, reason: str = "少了三个村"
) -> PaymentBatch:
    who = reviewer or cast.reviewers["county"]
    cast.run(batches.discard, vault=cast.vault, reviewer=who, number=batch.number, reason=reason, now=cast.clock())
    return load(cast, batch.id)


def export(cast: Cast, batch: PaymentBatch, kind: str = "csv") -> exports.Sheet:
    """Recorded, and its content."""
    reviewer = cast.reviewers["county"]
    cast.run(exports.record, reviewer=reviewer, number=batch.number, kind=kind, now=cast.clock())
    with cast.db.reading() as session:
        return exports.sheet(session, cast.vault, batch_id=batch.id)


def exported(cast: Cast, level: str = "town", **options: Any) -> PaymentBatch:
    """A batch that is with the bank."""
    batch = approve(cast, prepare(cast, level, **options))
    export(cast, batch)
    return load(cast, batch.id)


def answer(lines: Iterable[tuple[str, str, str, str]], *, total: str | None = None, count: str | None = None) -> bytes:
    """A file of the bank: reference, yuan, result, reason; its total line right unless told otherwise."""
    given = list(lines)
    yuan = total if total is not None else f"{sum(float(line[1]) for line in given):.2f}"
    rows = [HEADING, *(",".join(line) for line in given), f"合计,{yuan},{count or len(given)},"]
    return ("\r\n".join(rows) + "\r\n").encode()


def answers(cast: Cast, batch: PaymentBatch, *, refused: Iterable[str] = (), reason: str = "账号不存在") -> bytes:
    """What the bank says of a whole batch: everything paid but the refused."""
    failed = set(refused)
    return answer(
        (
            p.reference,
            f"{p.fen / 100:.2f}",
            "失败" if p.reference in failed else "成功",
            reason if p.reference in failed else "",
        )
        for p in payments(cast, batch)
    )


def take_in(cast: Cast, batch: PaymentBatch, content: bytes) -> int:
    found: int = cast.run(
        returns.take_in,
        vault=cast.vault,
        reviewer=cast.reviewers["county"],
        number=batch.number,
        file=bank_files.read(content),
        now=cast.clock(),
    )
    return found


def end_today(cast: Cast, recipient_id: int) -> None:
    """The benefit ends, a minute later."""
    now = cast.clock.advance(timedelta(minutes=1))
    clerk = cast.reviewers["county"]
    cast.run(recipients.end, clerk=clerk, recipient_id=recipient_id, reason="died", on=today(now), now=now)


def load(cast: Cast, batch_id: int) -> PaymentBatch:
    with cast.db.reading() as session:
        return session.get_one(PaymentBatch, batch_id)


def payments(cast: Cast, batch: PaymentBatch) -> list[Payment]:
    """The payments that a batch has or had, by reference."""
    query = select(Payment).join(PaymentAttempt, PaymentAttempt.payment_id == Payment.id)
    with cast.db.reading() as session:
        found = session.scalars(query.where(PaymentAttempt.batch_id == batch.id).order_by(Payment.reference))
        return list(found)


def attempts(cast: Cast, batch: PaymentBatch) -> list[PaymentAttempt]:
    with cast.db.reading() as session:
        mine = select(PaymentAttempt).where(PaymentAttempt.batch_id == batch.id)
        return list(session.scalars(mine.order_by(PaymentAttempt.payment_id)))


def refused(act: Callable[[], Any], error: type[Exception]) -> str:
    """The code of the refusal."""
    with pytest.raises(error) as found:
        act()
    return str(found.value)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each of several calls gave or raised, run at the same time."""
    found: list[Any] = []
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> None:
        gate.wait()
        try:
            found.append(call())
        except Exception as error:  # noqa: BLE001 - what was raised is what is looked at
            found.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
