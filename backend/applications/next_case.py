"""Taking the next case 领下一件: the one whose deadline is nearest, whoever else is at it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.applications import claims, queue
from backend.applications.policy import Reviewer
from backend.applications.queue import Filter
from backend.kernel.errors import Conflict, Forbidden, NotFound
from backend.kernel.i18n import N_
from backend.models.application import Application

#: So many cases are tried before a clerk hears that there is none: each may be gone, or be the clerk's own.
TRIES = 20


def take(session: Session, *, reviewer: Reviewer, now: datetime) -> int:
    """Claim the first case that nobody holds and that waits for my level; its id.

    ``NotFound`` ``nothing_waits`` when there is none.
    """
    waiting = queue.page(session, reviewer=reviewer, wanted=Filter(owner="none"), limit=TRIES, cursor=None, now=now)
    # The claim must read each row again under its lock: what the list loaded may be old by then.
    session.expire_all()
    for line in waiting.items:
        try:
            claims.claim(session, reviewer=reviewer, number=line["number"], now=now)
        except (Conflict, Forbidden):
            continue  # a colleague was faster, or it is the clerk's own case
        return claims.in_jurisdiction(session, reviewer, line["number"]).id
    raise NotFound("nothing_waits", N_("没有等着领的件了"))


def number(session: Session, *, application_id: int) -> str:
    """The number of a case that was handed in."""
    return session.scalar(select(Application.number).where(Application.id == application_id)) or ""
