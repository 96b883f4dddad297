"""The ledger of what WeChat lets us send: one grant of a person is one credit for one message of one template.

Credits come from events (``wechat.events``), are spent by one conditional UPDATE, given back where the call was
certainly not made, and taken back by refusals of the person and by WeChat's 43101. ``openid_index`` and our name of the
template tell whose they are; the openid itself stands sealed in the binding only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Update, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.kernel.errors import Collision
from backend.models.delivery import WechatChoice, WechatCredit

#: Stands for every template: what leaving the account says.
EVERY = "*"
#: What is still good: neither spent nor taken back.
LEFT: tuple[ColumnElement[bool], ...] = (WechatCredit.spent_at.is_(None), WechatCredit.revoked_at.is_(None))
#: Others may take the same credit first; each time one less is left, so this ends.
TRIES = 8


def grant(session: Session, *, openid_index: str, template: str, source: str, at: datetime) -> bool:
    """The person said yes in a popup: one credit, once per ``source``; none where a no is known from then or later."""
    _held(session, openid_index, template)
    if _refused_since(session, openid_index, template, at):
        return False
    try:
        with session.begin_nested():
            session.add(WechatCredit(openid_index=openid_index, template=template, source=source, granted_at=at))
    except IntegrityError:
        return False
    return True


def refuse(session: Session, *, openid_index: str, template: str, at: datetime) -> int:
    """The person said no (``EVERY``: left the account): what was granted until then is taken back; how much."""
    row = _held(session, openid_index, template)
    if row.refused_at is None or at > row.refused_at:
        row.refused_at = at
    session.flush()
    granted = [WechatCredit.granted_at <= at]
    return _revoke(session, openid_index, None if template == EVERY else template, at, *granted)


def revoke(session: Session, *, openid_index: str, template: str | None, now: datetime) -> int:
    """Take back what is left, of one template or of all (the account was unbound); how much that was."""
    return _revoke(session, openid_index, template, now)


def spend(
    session: Session, *, openid_index: str, template: str, priority: int, delivery_id: int, now: datetime
) -> bool:
    """Take the oldest credit for a delivery, if as many as its priority are left: the last one is for what needs the
    person (1), the last but one for results (2). A delivery that has paid already does not pay again.
    """
    if paid(session, delivery_id=delivery_id):
        return True
    mine = (WechatCredit.openid_index == openid_index, WechatCredit.template == template, *LEFT)
    # A derived table: MariaDB does not read the table that it changes otherwise.
    oldest = select(func.min(WechatCredit.id).label("id")).where(*mine).having(func.count() >= priority).subquery()
    take = update(WechatCredit).where(WechatCredit.id == select(oldest.c.id).scalar_subquery(), *LEFT)
    for _ in range(TRIES):
        if _changed(session, take.values(spent_at=now, delivery_id=delivery_id)):
            return True
        if left(session, openid_index=openid_index).get(template, 0) < priority:
            return False
    return False


def paid(session: Session, *, delivery_id: int) -> bool:
    """Whether a delivery has a credit: only then was, or may have been, WeChat called for it."""
    return session.scalar(select(WechatCredit.id).where(WechatCredit.delivery_id == delivery_id)) is not None


def give_back(session: Session, *, delivery_id: int, now: datetime) -> None:
    """The call was certainly not made, or refused for a reason that is not the credit."""
    row = session.scalar(select(WechatCredit).where(WechatCredit.delivery_id == delivery_id).with_for_update())
    if row is not None:
        row.spent_at, row.delivery_id = None, None
        # A no that came meanwhile found it spent, and did not take it back.
        row.revoked_at = now if _refused_since(session, row.openid_index, row.template, row.granted_at) else None


def lost(session: Session, *, openid_index: str, template: str, delivery_id: int, now: datetime) -> None:
    """WeChat says that there is no credit (43101): neither the one just spent nor any other of the template counts."""
    give_back(session, delivery_id=delivery_id, now=now)
    session.flush()
    revoke(session, openid_index=openid_index, template=template, now=now)


def left(session: Session, *, openid_index: str) -> Mapping[str, int]:
    """Our template → messages that may still be sent; templates without any are missing."""
    rows = session.execute(
        select(WechatCredit.template, func.count())
        .where(WechatCredit.openid_index == openid_index, *LEFT)
        .group_by(WechatCredit.template)
    )
    return {row[0]: row[1] for row in rows}


def forget(session: Session, *, openid_index: str) -> None:
    """Everything about one WeChat, when its person is erased."""
    for table in (WechatCredit, WechatChoice):
        session.execute(delete(table).where(table.openid_index == openid_index))


def _revoke(
    session: Session, openid_index: str, template: str | None, now: datetime, *also: ColumnElement[bool]
) -> int:
    taken = update(WechatCredit).where(WechatCredit.openid_index == openid_index, *LEFT, *also)
    if template is not None:
        taken = taken.where(WechatCredit.template == template)
    return _changed(session, taken.values(revoked_at=now))


def _changed(session: Session, statement: Update) -> int:
    """How many rows it changed."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount


def _refused_since(session: Session, openid_index: str, template: str, at: datetime) -> bool:
    """Whether a no is known from that moment or later; events name whole seconds, and within one the no counts."""
    refused = select(WechatChoice.template).where(
        WechatChoice.openid_index == openid_index,
        WechatChoice.template.in_((template, EVERY)),
        WechatChoice.refused_at >= at,
    )
    return session.scalar(refused.limit(1)) is not None


def _held(session: Session, openid_index: str, template: str) -> WechatChoice:
    """What is known of a person and a template, held until the commit: a yes and a no at once follow each other.

    ``Collision`` when another event of the same person was first: the next run of the command finds its row.
    """
    row = session.get(WechatChoice, (openid_index, template), with_for_update=True)
    if row is not None:
        return row
    row = WechatChoice(openid_index=openid_index, template=template)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Collision("wechat_choice") from error
    return row
