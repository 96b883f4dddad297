"""The list of a batch for the bank: CSV or XLSX, made in memory from the frozen lines, the same bytes each time.

A cell that a spreadsheet would run (it begins with ``=``, ``+``, ``-``, ``@`` or a control character, also in full
width) gets an apostrophe in front in the CSV; in the XLSX every cell is text by itself and stays as it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session
from xlsxwriter import Workbook

from backend.benefits import accounts, batches, policy
from backend.benefits.policy import Account, Clerk
from backend.events import audit
from backend.kernel.cells import MARK, harmless
from backend.kernel.clock import local
from backend.kernel.crypto import Unreadable, Vault, place
from backend.kernel.errors import Conflict
from backend.kernel.i18n import N_
from backend.models.benefit import Payment, PaymentAttempt, PaymentBatch, Recipient
from backend.models.resident import Resident

#: How banks read a CSV.
ENCODINGS = ("utf-8", "gb18030")
#: Nothing says what the money is for: a bank need not know whose child died (PRODUCT §2.5).
HEADING = ("编号", "户名", "开户银行", "账号", "金额", "期间")
WIDTHS = (17, 16, 26, 26, 12, 10)
#: What stands for a person whose data have been erased since.
NOBODY = Account("（已删除个人信息）", "", "")


@dataclass(frozen=True, slots=True)
class Row:
    """One payment as the bank reads it."""

    reference: str
    account: Account = field(repr=False)
    fen: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that stands in the file; the same for ever, but for people who were erased."""

    number: str
    period: str
    count: int
    total_fen: int
    checksum: str
    approved_at: datetime
    rows: Sequence[Row] = field(repr=False)


def record(session: Session, *, reviewer: Clerk, number: str, kind: str, now: datetime) -> int:
    """Write down that somebody takes the accounts of everybody in it out; the first time is the export.

    ``kind``: csv, xlsx. Errors: 404; 409 ``not_approved``.
    """
    batch = batches.held(session, reviewer, number)
    if batch.approved_at is None or batch.discarded_at is not None:
        raise Conflict("not_approved", N_("审核通过以后才能导出"))
    act, actor = f"payment_batch.export_{kind}", policy.actor(reviewer)
    if batch.exported_at is None:
        batch.exported_at = now
        audit.append(session, batch, act=act, actor=actor, now=now, commitment=batch.checksum)
    else:
        audit.note(session, batch, act=act, actor=actor, now=now, commitment=batch.checksum)
    return batch.id


def sheet(session: Session, vault: Vault, *, batch_id: int) -> Sheet:
    """The content of an approved batch's file; ``record`` comes first."""
    batch = session.get_one(PaymentBatch, batch_id)
    return Sheet(
        number=batch.number,
        period=batch.period,
        count=batch.count,
        total_fen=batch.total_fen,
        checksum=batch.checksum,
        approved_at=batch.approved_at or batch.prepared_at,
        rows=_rows(session, vault, batch.id),
    )


def _rows(session: Session, vault: Vault, batch_id: int) -> list[Row]:
    columns = (
        Payment.reference,
        PaymentAttempt.id,
        PaymentAttempt.fen,
        PaymentAttempt.account,
        Recipient.resident_id,
        Resident.key,
    )
    return [
        Row(reference, _account(vault, key, resident, account, attempt), fen)
        for reference, attempt, fen, account, resident, key in session.execute(batches.lines(batch_id, *columns))
    ]


def _account(vault: Vault, key: str, resident_id: int, sealed: str, attempt_id: int) -> Account:
    try:
        return accounts.opened(vault.person(key, resident_id), sealed, place("payment_attempt", "account", attempt_id))
    except Unreadable:
        return NOBODY


def as_csv(given: Sheet, encoding: str = "utf-8") -> Iterator[bytes]:
    """The file in pieces: heading, a line each, 合计 with count and sum, 校验码. CRLF; UTF-8 has a BOM."""
    yield (MARK if encoding == "utf-8" else "").encode(encoding)
    for start in range(0, len(table := _table(given)), 500):
        target = io.StringIO(newline="")
        csv.writer(target, lineterminator="\r\n").writerows(
            [harmless(cell) for cell in line] for line in table[start : start + 500]
        )
        yield target.getvalue().encode(encoding)


def as_xlsx(given: Sheet) -> bytes:
    """The same as a workbook whose cells are all text, so that no account number loses a digit."""
    target = io.BytesIO()
    # In memory: a temporary file would hold everybody's account in the clear.
    book = Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": given.number, "created": local(given.approved_at).replace(tzinfo=None)})
    page, text = book.add_worksheet(given.number), book.add_format({"num_format": "@"})
    for place_, width in enumerate(WIDTHS):
        page.set_column(place_, place_, width, text)
    for at, line in enumerate(_table(given)):
        for column, cell in enumerate(line):
            page.write_string(at, column, cell, text)
    page.freeze_panes(1, 0)
    book.close()
    return target.getvalue()


def yuan(fen: int) -> str:
    """``960.00``"""
    return f"{fen // 100}.{fen % 100:02d}"


def _table(given: Sheet) -> list[tuple[str, ...]]:
    return [
        HEADING,
        *(
            (row.reference, row.account.name, row.account.bank, row.account.number, yuan(row.fen), given.period)
            for row in given.rows
        ),
        ("合计", f"{given.count}笔", "", "", yuan(given.total_fen), given.period),
        ("校验码", given.checksum, given.number, "", "", ""),
    ]
