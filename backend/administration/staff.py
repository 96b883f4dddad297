"""Staff 人员: who works where, in an administrator's own region; each change ends what it must and is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import absence, factors, sessions, staff as accounts
from backend.administration.calendars import changed_meanwhile
from backend.administration.policy import Administrator, check_covers, covers, level_of, missing
from backend.catalogue import queries as catalogue
from backend.events import journal
from backend.kernel.clock import today
from backend.kernel.errors import Conflict, Invalid, Wrong
from backend.kernel.i18n import N_, Text
from backend.models.staff import ROLES, Staff

POSTED = ("post", "name", "role", "level", "region")


@dataclass(frozen=True, slots=True)
class Post:
    """What an administrator decides about an account; ``name`` says who it is, for administrators only."""

    name: str
    post: str
    role: str
    level: str
    region: str


def add(session: Session, *, admin: Administrator, username: str, post: Post, password: str, now: datetime) -> int:
    """A new account with a password that must be changed at first use; its id."""
    _check(session, admin, post)
    try:
        staff_id = accounts.add(
            session,
            username=username,
            name=post.name,
            post=post.post,
            role=post.role,
            level=post.level,
            region=post.region,
            password=password,
            now=now,
            stale=True,
        )
    except Wrong as wrong:
        raise _invalid(username=wrong.text) from wrong
    row = _row(session, admin, staff_id)
    _write(session, admin, "staff.add", row, {name: (None, getattr(row, name)) for name in POSTED}, now)
    return staff_id


def change(
    session: Session,
    *,
    admin: Administrator,
    staff_id: int,
    post: Post,
    away_until: date | None,
    expected: datetime | None,
    now: datetime,
) -> bool:
    """Another post, office, name or absence; whether the account works elsewhere now, so that its claims must end.

    ``expected``: when the form's account was last changed; ``Conflict`` changed_meanwhile if it was since.
    """
    row = _row(session, admin, staff_id, lock=True)
    if expected is not None and row.updated_at != expected:
        raise changed_meanwhile()
    _check(session, admin, post)
    moved = (post.role, post.level, post.region) != (row.role, row.level, row.region)
    if moved and row.id == admin.id:
        raise Conflict("own_account", N_("自己的岗位和地方要请另一位管理员来改"))
    if row.role == "admin" and row.active and moved:
        _check_another(session, row)
    changes = {name: (getattr(row, name), getattr(post, name)) for name in POSTED}
    if away_until != row.away_until:
        changes["away_until"] = (_iso(row.away_until), _iso(away_until))
        absence.set_away(session, staff_id=row.id, until=away_until, today=today(now), now=now)
    for name in POSTED:
        setattr(row, name, getattr(post, name))
    row.updated_at = now
    _write(session, admin, "staff.change", row, {n: p for n, p in changes.items() if p[0] != p[1]}, now)
    return moved


def set_active(
    session: Session, *, admin: Administrator, staff_id: int, active: bool, now: datetime, at: datetime
) -> int:
    """Enable, or disable and end every session at once; the last administrator of a place stays."""
    row = _row(session, admin, staff_id, lock=True)
    if not active and row.active and row.role == "admin":
        _check_another(session, row)
    if row.active != active:
        accounts.set_active(session, username=row.username, active=active, now=now, at=at)
        _write(session, admin, "staff.enable" if active else "staff.disable", row, {}, now)
    return row.id


def reset_password(
    session: Session, *, admin: Administrator, staff_id: int, password: str, now: datetime, at: datetime
) -> int:
    """A temporary password, to be changed at first use; every session ends."""
    row = _row(session, admin, staff_id)
    _check_other(admin, row)
    accounts.reset_password(session, username=row.username, password=password, now=now, at=at, stale=True)
    _write(session, admin, "staff.password", row, {}, now)
    return row.id


def reset_factor(session: Session, *, admin: Administrator, staff_id: int, now: datetime, at: datetime) -> int:
    """For a lost phone: no second factor and no recovery codes any more; every session ends."""
    row = _row(session, admin, staff_id)
    _check_other(admin, row)
    factors.reset(session, staff_id=row.id, now=now)
    sessions.revoke_all(session, kind="staff", account_id=row.id, at=at)
    _write(session, admin, "staff.factor", row, {}, now)
    return row.id


def _row(session: Session, admin: Administrator, staff_id: int, *, lock: bool = False) -> Staff:
    row = session.scalar(select(Staff).where(Staff.id == staff_id).with_for_update() if lock else _one(staff_id))
    if row is None:
        raise missing("staff")
    check_covers(admin, row.region, what="staff")
    return row


def _one(staff_id: int) -> Any:
    return select(Staff).where(Staff.id == staff_id)


def _check(session: Session, admin: Administrator, post: Post) -> None:
    """Every value that does not fit, told at once."""
    errors: dict[str, Text] = {}
    if post.role not in ROLES:
        errors["role"] = N_("请选一个岗位")
    if not covers(admin, post.region):
        errors["region"] = N_("这个地方不在您的辖区")
    else:
        try:
            catalogue.check_region(session, post.region)
        except Invalid as unknown:
            errors["region"] = unknown.title
    if "region" not in errors and level_of(post.region) != post.level:
        errors["level"] = N_("层级和地方对不上：村级选村（社区），镇级选镇街，县级选区县")
    if errors:
        raise _invalid(**errors)


def _check_other(admin: Administrator, row: Staff) -> None:
    """One's own password and second factor are changed in one's own account, where the old ones are asked for."""
    if row.id == admin.id:
        raise Conflict("own_account", N_("自己的密码和动态口令请到“我的账号”里改"))


def _check_another(session: Session, row: Staff) -> None:
    """Somebody must be left who can administer this place. The rows are locked: two may leave at once."""
    admins = select(Staff).where(Staff.role == "admin", Staff.active.is_(True)).order_by(Staff.id).with_for_update()
    for other in session.scalars(admins.execution_options(populate_existing=True)):
        if other.id != row.id and covers(Administrator(other.id, other.level, other.region, other.post), row.region):
            return
    raise Conflict("last_administrator", N_("这是最后一位管理员，先加一位新的，再停用或换岗"))


def _invalid(**errors: Text) -> Invalid:
    fields = {name: [text] for name, text in errors.items()}
    return Invalid("invalid_input", N_("有 %(n)s 处要改", n=len(fields)), errors=fields)


def _write(
    session: Session, admin: Administrator, act: str, row: Staff, changes: dict[str, tuple[Any, Any]], now: datetime
) -> None:
    # A person's name stays out of the record, which is never erased.
    said = {name: pair if name != "name" else ("*", "*") for name, pair in changes.items() if any(pair)}
    journal.write(session, actor=admin.actor, act=act, subject=row.username, changes=said, region=row.region, now=now)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
