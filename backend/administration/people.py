"""Reading staff: the list of an administrator's region, and one account with what is bound to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from backend.accounts import factors
from backend.administration.policy import Administrator, check_covers, missing
from backend.models.staff import Staff

SHOWS = ("all", "disabled", "no_factor", "away")


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One account as administrators see it; no hash, no secret."""

    id: int
    username: str
    name: str
    post: str
    role: str
    level: str
    region: str
    active: bool
    has_factor: bool
    password_stale: bool
    away_until: date | None
    updated_at: datetime
    recovery_codes: int | None = None

    @property
    def state(self) -> str:
        """active, away, disabled."""
        if not self.active:
            return "disabled"
        return "away" if self.away_until else "active"


def page(
    session: Session, *, admin: Administrator, words: str = "", show: str = "all", after: str = "", limit: int
) -> list[StaffLine]:
    """Accounts of the region by name; ``words``: the beginning of a name, a post, or the digits of a region."""
    query = select(Staff).where(Staff.region.startswith(admin.prefix), Staff.username > after)
    for condition in _wanted(words, show):
        query = query.where(condition)
    return [_line(row) for row in session.scalars(query.order_by(Staff.username).limit(limit))]


def one(session: Session, *, admin: Administrator, staff_id: int) -> StaffLine:
    """``NotFound`` also for an account of another region."""
    row = session.get(Staff, staff_id)
    if row is None:
        raise missing("staff")
    check_covers(admin, row.region, what="staff")
    return _line(row, recovery_codes=factors.codes_left(session, staff_id=row.id))


def _wanted(words: str, show: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if words:
        found.append(
            or_(
                Staff.username.startswith(words.lower(), autoescape=True),
                Staff.post.contains(words, autoescape=True),
                Staff.name.contains(words, autoescape=True),
                Staff.region.startswith(words, autoescape=True),
            )
        )
    if show == "disabled":
        found.append(Staff.active.is_(False))
    elif show == "no_factor":
        found += [Staff.active.is_(True), Staff.otp_secret.is_(None)]
    elif show == "away":
        found += [Staff.active.is_(True), Staff.away_until.is_not(None)]
    return found


def _line(row: Staff, **more: Any) -> StaffLine:
    return StaffLine(
        id=row.id,
        username=row.username,
        name=row.name,
        post=row.post,
        role=row.role,
        level=row.level,
        region=row.region,
        active=row.active,
        has_factor=row.otp_secret is not None,
        password_stale=bool(row.password_stale),
        away_until=row.away_until,
        updated_at=row.updated_at,
        **more,
    )
