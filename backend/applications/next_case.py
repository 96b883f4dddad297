"""Taking the next case 领下一件: the one whose deadline is nearest, whoever else is at it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import claims, queue, second_corrections
from backend.applications.policy import Reviewer
from backend.applications.queue import Filter
from backend.kernel.errors import Conflict, Forbidden, NotFound
from backend.kernel.i18n import N_
from backend.models.application import Application

#: So many cases at a time, so many times: those the clerk must not act on are passed over.
TRIES, PAGES = 20, 10


def take(session: Session, *, reviewer: Reviewer, now: datetime) -> int:
    """Claim the first case that nobody holds and that waits for my level; its id.

    ``NotFound`` ``nothing_waits`` when there is none.
    """
    cursor = None
    for _ in range(PAGES):
        waiting = queue.page(
            session, reviewer=reviewer, wanted=Filter(owner="none"), limit=TRIES, cursor=cursor, now=now
        )
        # The claim must read each row again under its lock: what the list loaded may be old by then.
        session.expire_all()
        blocked = second_corrections.waiting_among(session, [line["number"] for line in waiting.items])
        for line in waiting.items:
            free = "claim" in line["allowed_actions"] and line["number"] not in blocked
            if free and _claimed(session, reviewer, line["number"], now):
                return claims.in_jurisdiction(session, reviewer, line["number"]).id
        cursor = waiting.next_cursor
        if cursor is None:
            break
    raise NotFound("nothing_waits", N_("没有等着领的件了"))


def _claimed(session: Session, reviewer: Reviewer, number: str, now: datetime) -> bool:
    try:
        claims.claim(session, reviewer=reviewer, number=number, now=now)
    except (Conflict, Forbidden):
        return False  # a colleague was faster, or what bars the clerk came in between
    return True


def number(session: Session, *, application_id: int) -> str:
    """The number of a case that was handed in."""
    return session.scalar(select(Application.number).where(Application.id == application_id)) or ""
