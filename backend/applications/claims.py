"""Claims 领办: one clerk at a time, for half an hour, with a fence that late writes cannot pass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.applications import hands, notices, policy, records
from backend.applications.policy import Reviewer
from backend.events import audit
from backend.kernel.actors import Actor
from backend.kernel.clock import local
from backend.kernel.errors import Conflict
from backend.kernel.i18n import N_
from backend.lifecycles.application import REVIEWABLE
from backend.models.application import Application


@dataclass(frozen=True, slots=True)
class Lease:
    """Until when the case is held, and the number every decision must carry."""

    expires_at: datetime
    fence: int


def actor(reviewer: Reviewer) -> Actor:
    return Actor("staff", "reviewer", reviewer.id, reviewer.post)


def in_jurisdiction(session: Session, reviewer: Reviewer, number: str, *, lock: bool = True) -> Application:
    """A case the reviewer may see; ``NotFound`` for any other, drafts included."""
    query = select(Application).where(Application.number == number)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None or not policy.sees(reviewer, village=row.village, town=row.town, county=row.county):
        raise records.not_found()
    return row


def claim(session: Session, *, reviewer: Reviewer, number: str, now: datetime) -> Lease:
    """Take a case, or renew one's own lease with the same fence.

    Errors: 404 outside the jurisdiction, 403 ``own_case``, ``own_family``, ``acted_before``, 409 ``not_your_level``,
    ``not_reviewable``, ``already_claimed``.
    """
    row = in_jurisdiction(session, reviewer, number)
    barred = hands.reason(session, reviewer, row)
    hands.refuse_parties(barred)
    notices.check_over(session, row)
    _check_turn(reviewer, row)
    hands.refuse(barred)
    if holds(reviewer, row, now):
        renew(session, row, reviewer, now)
        return Lease(row.claimed_until or now, row.fence)
    _check_free(session, row, now)
    until = now + policy.LEASE
    taken = {"claimed_by": reviewer.id, "claimed_until": until, "fence": row.fence + 1}
    audit.note(session, row, act="claim.take", actor=actor(reviewer), now=now, changes=taken)
    return Lease(until, row.fence)


def renew(session: Session, row: Application, reviewer: Reviewer, now: datetime) -> None:
    """Any act of the holder begins the half hour anew; at most every ``policy.RENEWED``, to keep the chain short."""
    if holds(reviewer, row, now) and wears(row.claimed_until, now):
        until = {"claimed_until": now + policy.LEASE}
        audit.note(session, row, act="claim.renew", actor=actor(reviewer), now=now, changes=until)


def wears(until: datetime | None, now: datetime) -> bool:
    """Whether a lease is old enough to be renewed."""
    return until is not None and until <= now + policy.LEASE - policy.RENEWED


def stay(session: Session, *, reviewer: Reviewer, number: str, now: datetime) -> None:
    """The holder is at the case: their lease goes on. For anybody else nothing happens."""
    renew(session, in_jurisdiction(session, reviewer, number), reviewer, now)


def release(session: Session, *, reviewer: Reviewer, number: str, now: datetime) -> None:
    """Give a case back to the queue; releasing what one does not hold does nothing."""
    row = in_jurisdiction(session, reviewer, number)
    if row.claimed_by == reviewer.id:
        free = {"claimed_by": None, "claimed_until": None}
        audit.note(session, row, act="claim.release", actor=actor(reviewer), now=now, changes=free)


def holds(reviewer: Reviewer, row: Application, now: datetime) -> bool:
    return row.claimed_by == reviewer.id and row.claimed_until is not None and row.claimed_until > now


def check_fence(reviewer: Reviewer, row: Application, fence: int, now: datetime) -> None:
    """A decision counts only under the lease it was made with."""
    if not holds(reviewer, row, now) or row.fence != fence:
        raise Conflict("stale_fence", N_("您领办的时间已过，或别人接手了，请重新领办后再决定，写好的话都在"))


def _check_turn(reviewer: Reviewer, row: Application) -> None:
    if row.status not in REVIEWABLE:
        raise Conflict("not_reviewable", N_("这件申请现在不在审核中"), extra={"state": row.status})
    if row.queue != reviewer.level:
        raise Conflict("not_your_level", N_("现在轮到别的层级办理"), extra={"level": row.queue})


def _check_free(session: Session, row: Application, now: datetime) -> None:
    if row.claimed_by is None or row.claimed_until is None or row.claimed_until <= now:
        return
    holder = accounts.staff(session, row.claimed_by)
    post = holder.post if holder else ""
    raise Conflict(
        "already_claimed",
        N_("%(post)s正在办理，最晚到 %(until)s", post=post, until=f"{local(row.claimed_until):%H:%M}"),
        extra={"post": post, "until": row.claimed_until.isoformat()},
    )
