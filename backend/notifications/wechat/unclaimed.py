"""Messages at WeChat whose name we do not know: in doubt, just being sent, or taken without one.

The event of such a message names person, template and msgid. Where it can only be one of ours, that one gets the name,
and its receipt is settled like any other.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from backend.lifecycles.delivery import DeliveryStatus as S
from backend.models.delivery import Delivery, WechatBinding
from backend.models.outbox import Outbox
from backend.notifications import deliveries
from backend.notifications.kinds import WECHAT
from backend.notifications.planning import TOPICS
from backend.notifications.receipts import Receipt, keep
from backend.notifications.wording.templates import templates

#: A call of ours is out, or was when its worker died.
SENDING = "sending"


def claim(session: Session, *, whose: str, template: str, receipt: Receipt, now: datetime, beat: datetime) -> None:
    """Write the receipt's name on the one message it can be about; kept while it may be one of several that are just
    being sent: a moment later each has its name. ``beat``: the machine's time.
    """
    if session.scalar(select(Delivery.id).where(Delivery.provider_ref == receipt.ref).limit(1)) is not None:
        return
    found = _nameless(session, whose, template)
    if len(found) > 1 and any(row.status == S.WAITING for row in found):
        keep(session, channel=WECHAT, receipts=[receipt], now=beat)
    # Of several in doubt it does not matter which one arrived; which one did not arrive would be a guess.
    elif len(found) == 1 or (found and not receipt.error):
        # The event may be faster than our own record of the call.
        found[0].provider_ref, found[0].sent_at = receipt.ref, found[0].sent_at or now
        session.flush()


def _nameless(session: Session, whose: str, template: str) -> list[Delivery]:
    """The person's messages of a template without a name, oldest first, held until the commit."""
    kinds = [name for name, one in templates().items() if one.wechat == template]
    work = and_(Outbox.topic == TOPICS[WECHAT], Outbox.subject_id == Delivery.id, Outbox.status == SENDING)
    going = and_(Delivery.status == S.WAITING, select(Outbox.id).where(work).exists())
    wanted = (
        select(Delivery.id)
        .join(WechatBinding, WechatBinding.resident_id == Delivery.resident_id)
        .where(
            WechatBinding.openid_index == whose,
            Delivery.channel == WECHAT,
            Delivery.kind.in_(kinds),
            Delivery.provider_ref.is_(None),
            or_(Delivery.status.in_((S.SENT, S.DOUBTFUL)), going),
        )
    )
    rows = deliveries.locked(session, session.scalars(wanted).all())
    return [row for _, row in sorted(rows.items()) if row.provider_ref is None]
