"""What stands on a document, as plain values: the layouts only place it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from backend.certificates import policy
from backend.models.certificate import Certificate, Receipt

UNSEALED = "供核验，不替代盖章件"
RECEIPT_NOTE = "我们已收到您的申请。请保存好这张回执，凭编号和手机号后四位可以随时查进度。这是收件凭证，不是证件。"


@dataclass(frozen=True, slots=True)
class Sheet:
    """``code`` is printed in two groups under the QR, "" for a receipt; ``mark`` is the line about the seal."""

    title: str
    number: str
    rows: tuple[tuple[str, str], ...]
    statement: str
    link: str
    check_at: str
    code: str
    mark: str
    office: str
    day: str


def of_certificate(row: Certificate, facts: str, *, base_url: str, sealed: bool) -> Sheet:
    """``facts`` is the opened JSON of the row; ``sealed``: the county's seal will stand on it."""
    known = json.loads(facts)
    until = policy.chinese_date(row.expires_on) if row.expires_on else "长期有效"
    rows = [("姓名", known["holder"]), ("证件号码", known["id_number"]), *known["lines"], ("有效期至", until)]
    return Sheet(
        title=row.title,
        number=row.number,
        rows=tuple((label, value) for label, value in rows if value),
        statement=known["statement"],
        link=f"{base_url}/v/{row.token}",
        check_at=f"{base_url}/verify",
        code=known["code"],
        mark="" if sealed else UNSEALED,
        office=row.issuer,
        day=policy.chinese_date(row.issued_on),
    )


def of_receipt(row: Receipt, *, base_url: str) -> Sheet:
    """No name: whoever finds the paper learns that a case exists, not whose."""
    return Sheet(
        title="回执",
        number=row.number,
        rows=(
            ("事项", row.service_name),
            ("办理单位", row.office),
            ("提交日期", policy.chinese_date(row.submitted_on)),
        ),
        statement=RECEIPT_NOTE,
        link=f"{base_url}/v/{row.token}",
        check_at=f"{base_url}/progress",
        code="",
        mark="",
        office=row.office,
        day=policy.chinese_date(row.submitted_on),
    )
