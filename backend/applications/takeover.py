"""Taking a case over 接手: someone above takes it out of the holder's hands and says why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.applications import claims, handover, hands, notes, policy
from backend.applications.policy import Reviewer
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, Forbidden, Invalid
from backend.kernel.i18n import N_
from backend.models.application import Application
from backend.notifications import staff as inbox


def take_over(
    session: Session, *, vault: Vault, reviewer: Reviewer, number: str, reason: str, to: str | None, now: datetime
) -> int:
    """Release the case from its holder, to the queue or to a named colleague of that office; the case's id.

    Its level stays: whoever takes over does not become the decider of a lower level's turn. The reason stays as a note
    of the case and reaches the loser as a message. Errors: 403 ``own_case``, ``own_family``, ``not_above``; 404; 409
    ``not_claimed``, ``not_there``; 422 without a reason.
    """
    row = claims.in_jurisdiction(session, reviewer, number)
    hands.check_parties(session, reviewer, row)
    if not reason.strip():
        words = N_("请写明为什么接手，原来的经办人会看到")
        raise Invalid("reason_missing", words, errors={"reason": [words]})
    holder = _holder(reviewer, row, now)
    receiver = handover.taker(session, to, region=getattr(row, row.queue), but=holder) if to else None
    if receiver is not None:
        _check_receiver(session, receiver, row)
    notes.write(session, vault=vault, reviewer=reviewer, number=number, text=reason, now=now)
    handover.give(session, row, receiver, act="claim.takeover", by=claims.actor(reviewer), now=now)
    facts = {"number": number, "post": reviewer.post}
    event = f"{row.id}:{row.fence}"
    inbox.tell(
        session, staff_id=holder, kind="taken_over", event=event, facts=facts, now=now, vault=vault, words=reason
    )
    if receiver is not None:
        handover.tell_given(session, receiver, [number], post=reviewer.post, now=now)
    return row.id


def possible(reviewer: Reviewer, row: Application, now: datetime) -> bool:
    """Whether someone holds the case at a level below this clerk's."""
    held = row.claimed_by is not None and row.claimed_until is not None and row.claimed_until > now
    return held and bool(row.queue) and policy.rank(reviewer.level) > policy.rank(row.queue)


def offer(session: Session, reviewer: Reviewer, row: Application, now: datetime) -> list[dict[str, Any]] | None:
    """To whom the case may be handed when it is taken over; ``None`` where it cannot be."""
    if not possible(reviewer, row, now):
        return None
    found = handover.colleagues(session, region=getattr(row, row.queue), but=row.claimed_by or 0)
    return [{"username": one.username, "post": one.post} for one in found]


def _holder(reviewer: Reviewer, row: Application, now: datetime) -> int:
    if row.claimed_by is None or row.claimed_until is None or row.claimed_until <= now:
        raise Conflict("not_claimed", N_("这件现在没有人在办，不用接手"))
    if not possible(reviewer, row, now):
        raise Forbidden("not_above", N_("只有上一级可以接手"))
    return row.claimed_by


def _check_receiver(session: Session, receiver: Reviewer, row: Application) -> None:
    if hands.reason(session, receiver, row) is not None:
        raise Conflict("receiver_barred", N_("这位同事要回避这件，请另选一位"))
