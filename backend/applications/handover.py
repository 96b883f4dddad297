"""Handing claims over 交接: all cases of a clerk to a colleague or back to the queue, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import absence, staff as accounts
from backend.applications import claims, hands, policy, routing
from backend.applications.policy import Reviewer
from backend.events import audit
from backend.kernel import ids
from backend.kernel.actors import SYSTEM, Actor
from backend.kernel.errors import Conflict, NotFound
from backend.kernel.i18n import N_
from backend.models.application import Application
from backend.models.staff import Staff
from backend.notifications import staff as inbox


@dataclass(frozen=True, slots=True)
class Colleague:
    """Someone cases may be given to: ``username`` to name them, the post to recognise them."""

    username: str
    post: str


def colleagues(session: Session, *, region: str, but: int = 0) -> list[Colleague]:
    """The reviewers at work in an office, without ``but``, by name."""
    there = (*routing.at_work(region), Staff.id != but)
    query = select(Staff.username, Staff.post).where(*there).order_by(Staff.username).limit(50)
    return [Colleague(*row) for row in session.execute(query)]


def hand_over(session: Session, *, by: Reviewer | None, giver: str, to: str | None, now: datetime) -> int:
    """Take every claim out of a clerk's hands: to ``to`` where they may act on the case, else to the queue; how many.

    ``by``: the clerk, a colleague of the office or someone above; ``None``: the operator. Errors: 404 for anybody else
    and for unknown names, 409 ``not_there`` when the receiver is away, disabled or of another office.
    """
    leaving = _clerk(session, giver)
    if by is not None and not _may(by, leaving):
        raise _unknown()
    receiver = taker(session, to, region=leaving.region, but=leaving.id) if to else None
    rows = _held(session, leaving.id)
    given = _give_all(session, rows, receiver, by=claims.actor(by) if by else SYSTEM, now=now)
    post = by.post if by else ""
    if receiver is not None and given:
        tell_given(session, receiver, given, post=leaving.post, now=now)
    if by is not None and by.id != leaving.id and rows:
        facts = {"count": len(rows), "post": post}
        event = str(ids.new_id(now))
        inbox.tell(session, staff_id=leaving.id, kind="handed_away", event=event, facts=facts, now=now)
    return len(rows)


def disable(session: Session, *, username: str, now: datetime, at: datetime) -> int:
    """Close an account: its sessions end, and what it held goes back to the queue at once; how many cases."""
    leaving = _clerk(session, username, role=None)
    accounts.set_active(session, username=username, active=False, now=now, at=at)
    return release_all(session, staff_id=leaving.id, by=SYSTEM, now=now)


def release_all(session: Session, *, staff_id: int, by: Actor, now: datetime) -> int:
    """Put everything a clerk holds back into the queue; how many cases."""
    rows = _held(session, staff_id)
    _give_all(session, rows, None, by=by, now=now)
    return len(rows)


def set_away(session: Session, *, by: Reviewer, username: str, until: date | None, today: date, now: datetime) -> int:
    """Days off of a clerk, set by someone above; ``NotFound`` for anybody else's clerks."""
    clerk = _clerk(session, username)
    if not _above(by, clerk):
        raise _unknown()
    return absence.set_away(session, staff_id=clerk.id, until=until, today=today, now=now)


def give(session: Session, row: Application, to: Reviewer | None, *, act: str, by: Actor, now: datetime) -> None:
    """Out of one pair of hands, into another or the queue; the new fence refuses late writes of the old holder."""
    free = {"claimed_by": None, "claimed_until": None, "fence": row.fence + 1}
    audit.note(session, row, act=act, actor=by, now=now, changes=free)
    if to is not None:
        taken = {"claimed_by": to.id, "claimed_until": now + policy.LEASE}
        audit.note(session, row, act="claim.take", actor=claims.actor(to), now=now, changes=taken)


def taker(session: Session, username: str, *, region: str, but: int) -> Reviewer:
    """The colleague who is to receive, at work in the office; 409 ``not_there`` otherwise."""
    row = _clerk(session, username)
    there = row.active and row.away_until is None and row.region == region and row.id != but
    if not there:
        raise Conflict("not_there", N_("这位同事不在这个办公室上班，请另选一位"))
    return Reviewer(row.id, row.level, row.region, row.post, row.person_index)


def tell_given(session: Session, to: Reviewer, numbers: Sequence[str], *, post: str, now: datetime) -> None:
    """Tell the receiver what came into their hands."""
    facts = {"count": len(numbers), "post": post, "number": numbers[0]}
    inbox.tell(session, staff_id=to.id, kind="handed_over", event=str(ids.new_id(now)), facts=facts, now=now)


def _give_all(
    session: Session, rows: Sequence[Application], to: Reviewer | None, *, by: Actor, now: datetime
) -> list[str]:
    """The numbers that the receiver got; what they must not act on goes back to the queue."""
    barred = hands.barred(session, to, [row.id for row in rows]) if to else {}
    given = []
    for row in rows:
        fits = to is not None and row.queue == to.level and row.id not in barred
        give(session, row, to if fits else None, act="claim.hand_over", by=by, now=now)
        if fits:
            given.append(row.number or "")
    return given


def _held(session: Session, staff_id: int) -> list[Application]:
    """In id order, so that two hand-overs at once wait for each other instead of dying."""
    query = select(Application).where(Application.claimed_by == staff_id).order_by(Application.id)
    return list(session.scalars(query.with_for_update()))


def _clerk(session: Session, username: str, *, role: str | None = "reviewer") -> Staff:
    row = session.scalar(select(Staff).where(Staff.username == accounts.normalise(username)))
    if row is None or (role is not None and row.role != role):
        raise _unknown()
    return row


def _may(by: Reviewer, leaving: Staff) -> bool:
    return _above(by, leaving) or by.region == leaving.region


def _above(by: Reviewer, clerk: Staff) -> bool:
    return policy.rank(by.level) > policy.rank(clerk.level) and policy.covers(by, clerk.region)


def _unknown() -> NotFound:
    return NotFound("not_found", N_("没有找到这位同事，或者不归您这里管"))
