"""A resident leaves: a benefit that goes on keeps the account, ended ones lose what points to the person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.catalogue import queries as catalogue
from backend.kernel import ids
from backend.kernel.errors import Conflict
from backend.kernel.i18n import N_
from backend.models.benefit import Payment, Recipient


def _goes_on(session: Session, row: Recipient) -> bool:
    """Whether money is still to come; what is paid once is over with its payment."""
    benefit = catalogue.definition(session, row.service_item).benefit
    if row.ended_on is not None or benefit is None or benefit.period != "once":
        return row.ended_on is None
    paid = (Payment.recipient_id == row.id, Payment.paid_at.is_not(None))
    return session.scalar(select(Payment.id).where(*paid).limit(1)) is None


def leave(session: Session, *, resident_id: int, now: datetime) -> None:
    """Blank the ended benefits of an account; ``Conflict`` open_benefit while one goes on.

    An erasure destroys the key of the account number: the next payment could not be made, and nobody would ask. So
    the person first says that they do not want it any more (年审 "不想再领了", or a call), and is told what that means.
    """
    rows = session.scalars(
        select(Recipient).where(Recipient.resident_id == resident_id).order_by(Recipient.id).with_for_update()
    ).all()
    going_on = [row for row in rows if _goes_on(session, row)]
    if going_on:
        names = [catalogue.definition(session, row.service_item).name for row in going_on]
        raise Conflict(
            "open_benefit",
            N_("您还在领%(names)s，注销了就收不到了。真不想再领，请先打电话停发，再来注销", names="、".join(names)),
            extra={"benefits": [ids.encode(row.id) for row in going_on]},
        )
    for row in rows:
        row.holder_masked, row.account, row.updated_at = "", "", now
        # Unique beside the item, and nobody's hash: the person may come back as somebody new.
        row.person_index = f"erased:{row.id}"
