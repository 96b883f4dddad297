"""Reading the journal: an administrator sees the acts of the own region and those on the whole installation."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.administration.policy import Administrator
from backend.events import journal
from backend.events.journal import Page


def page(session: Session, *, admin: Administrator, group: str = "", limit: int, cursor: str | None = None) -> Page:
    """``group``: staff, office, calendar, item, work, account; all of them without."""
    return journal.page(session, region=admin.prefix, group=group, limit=limit, cursor=cursor)
