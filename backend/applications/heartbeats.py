"""Whether the notices could be read: looks at the page, the times when it was away, and the days lost by it.

All moments here are the machine's: moving the product's clock in the demo must neither make nor hide an outage.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.applications import notice_policy as policy
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.workdays import Calendar
from backend.models.notice import PageHeartbeat, PageOutage, PublicNotice

NAME = "public-notices"


def record(session: Session, *, readable: bool, at: datetime) -> None:
    """One look at the page. An outage begins with the last good look, and ends with the next one.

    A gap between two looks longer than ``policy.GAP`` is an outage too: nobody can say that the page was there.
    """
    last = session.scalar(select(PageHeartbeat).where(PageHeartbeat.name == NAME).with_for_update())
    if last is None:
        last = _first(session, at)
    if last is None:
        return  # another relay looked first, a moment ago
    going = session.scalar(select(PageOutage).where(PageOutage.ended_at.is_(None)).limit(1))
    missed = at - last.looked_at > policy.GAP
    if going is None and (missed or not readable):
        going = PageOutage(id=ids.new_id(at), began_at=last.seen_at)
        session.add(going)
    if readable:
        if going is not None:
            going.ended_at = at
        last.seen_at = at
    last.looked_at = at


def _first(session: Session, at: datetime) -> PageHeartbeat | None:
    row = PageHeartbeat(name=NAME, looked_at=at, seen_at=at)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return None
    return row


def unsure(session: Session, *, at: datetime) -> bool:
    """Whether the last look is so old that nobody knows if days were lost meanwhile."""
    looked = session.scalar(select(PageHeartbeat.looked_at).where(PageHeartbeat.name == NAME))
    return looked is not None and at - looked > policy.GAP


def lost_days(session: Session, *, calendar: Calendar, at: datetime) -> list[date]:
    """The working days of the last weeks on which nobody could read the page, oldest first."""
    since = at - policy.LOOK_BACK
    query = select(PageOutage.began_at, PageOutage.ended_at).where(
        or_(PageOutage.ended_at.is_(None), PageOutage.ended_at >= since)
    )
    outages = [(began, ended or at) for began, ended in session.execute(query)]
    return policy.lost_days(outages, calendar, since=today(since), until=today(at)) if outages else []


def owed_day(notice: PublicNotice, lost: list[date]) -> date | None:
    """The first day of a notice that was lost and not made up for yet."""
    counted = notice.extended_through
    own = (day for day in lost if notice.opens_on <= day <= notice.closes_on and (counted is None or counted < day))
    return next(own, None)
