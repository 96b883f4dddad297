"""Who looked at a benefit, why, and who changed it: what the person reads of the chain; posts, never names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.benefits import recipients
from backend.benefits.accounts import TABLE
from backend.kernel.i18n import N_, Text
from backend.models.audit import AuditEntry
from backend.models.benefit import Recipient

#: The newest; older ones stand in the chain.
MOST = 100
ACTS: dict[str, Text] = {
    "look.list": N_("在名单里看到，姓名打了星号"),
    "look.search": N_("按证件号找到"),
    "look.confirmation": N_("为办年审看过"),
    "look.question": N_("因为本人或家人来问看过"),
    "look.payment": N_("为核对发放看过"),
    "look.correction": N_("为更正信息看过"),
    "benefit.enrol": N_("列入名单"),
    "benefit.renew": N_("按新的审批更新"),
    "benefit.account": N_("换了收款账户"),
    "benefit.class": N_("换了档次"),
    "benefit.end": N_("停发"),
    "confirmation.confirm": N_("确认了年审"),
    "confirmation.change": N_("说明了变化"),
    "confirmation.review": N_("核对了变化"),
    "confirmation.call": N_("打过电话"),
    "confirmation.visit": N_("上过门"),
    "confirmation.offer_call": N_("请办事处打电话"),
    "confirmation.offer_visit": N_("请办事处上门"),
    "confirmation.offer_none": N_("不用打电话和上门"),
}


def of_mine(session: Session, *, resident_id: int, recipient_id: int) -> list[dict[str, Any]]:
    """Looks and acts on one's own benefit, newest first: ``{at, post, act, label}``; ``NotFound`` for another's."""
    mine = (Recipient.id == recipient_id, Recipient.resident_id == resident_id)
    if session.scalar(select(Recipient.id).where(*mine)) is None:
        raise recipients.not_found()
    query = (
        select(AuditEntry)
        .where(AuditEntry.subject_kind == TABLE, AuditEntry.subject_id == recipient_id)
        .order_by(AuditEntry.sequence.desc())
        .limit(MOST)
    )
    return [
        {
            "at": row.at.isoformat(),
            "post": row.post or None,
            "act": row.act,
            "label": ACTS.get(row.act, N_("办理中的一步")),
        }
        for row in session.scalars(query)
    ]
