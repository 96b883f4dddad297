"""Whether the applicant of a case can be reached from outside; the inbox always has everything.

Only what is told about the case itself counts: never bookings, visits, follow-ups or reminders (PRODUCT §2.2).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from backend.lifecycles.delivery import DeliveryStatus as S
from backend.models.delivery import Delivery
from backend.notifications.wording.templates import templates

KINDS = ("todo", "result", "progress")
#: Nobody's address is to blame: no credit at WeChat, no money left for text messages.
NOT_THE_ADDRESS = ("NoCredit", "budget")
LOOKED_AT = 20


def unreachable_since(session: Session, *, application_id: int) -> datetime | None:
    """When the first of the newest deliveries that failed on every channel did so; ``None`` once one went out again."""
    about = [name for name, template in templates().items() if template.kind in KINDS]
    rows = session.execute(
        select(Delivery.status, Delivery.error, Delivery.updated_at)
        .where(
            Delivery.application_id == application_id,
            Delivery.kind.in_(about),
            # Where another channel was tried after a failure, that one's row says how it ended.
            or_(Delivery.status.in_((S.SENT, S.DELIVERED)), and_(Delivery.status == S.FAILED, Delivery.then == "")),
        )
        .order_by(Delivery.id.desc())
        .limit(LOOKED_AT)
    )
    since = None
    for status, error, at in rows:
        if status != S.FAILED:
            break
        if error not in NOT_THE_ADDRESS:
            since = at
    return since
