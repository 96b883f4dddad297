"""Accounts of staff."""

from __future__ import annotations

from typing import Any

from backend.administration import people, staff
from backend.administration.people import StaffLine
from backend.administration.staff import Post
from backend.kernel.clock import system_clock
from backend.kernel.i18n import N_
from backend.schemas.administration import (
    ChangedStaffSchema,
    NewStaffSchema,
    StaffList,
    StaffQuery,
    StaffSchema,
    StaffWithPasswordSchema,
)
from backend.schemas.catalogue import key_cursor
from backend.web import admins
from backend.web.admins import administrator
from backend.web.answers import page_of
from backend.web.blueprint import Blueprint
from backend.web.context import runtime
from backend.web.once import once
from backend.web.words import say

blp = Blueprint("admin-staff", __name__, url_prefix="/admin/staff", description="Administration 管理")

LABELS = {"active": N_("在岗"), "away": N_("不在"), "disabled": N_("已停用")}


@blp.get("")
@blp.arguments(StaffQuery, location="query")
@blp.response(200, StaffList)
def list_staff(query: dict[str, Any]) -> dict[str, Any]:
    """The accounts of my region, by name."""
    limit = query["limit"]
    with runtime().db.reading() as session:
        found = people.page(
            session,
            admin=administrator(),
            words=query["q"],
            show=query["show"],
            after=query["cursor"],
            limit=limit + 1,
        )
    more = key_cursor(found[limit - 1].username) if len(found) > limit else None
    return page_of([shown(one) for one in found[:limit]], more)


@blp.post("")
@blp.arguments(NewStaffSchema)
@blp.response(201, StaffWithPasswordSchema)
def add_staff(body: dict[str, Any]) -> dict[str, Any]:
    """A new account; its temporary password is shown with this answer only."""
    username, password = body.pop("username"), admins.temporary_password()
    staff_id = once(
        staff.add,
        admin=administrator(),
        username=username,
        post=Post(**body),
        password=password,
        now=runtime().clock(),
    )
    return _one(staff_id) | {"temporary_password": password}


@blp.get("/<id:staff_id>")
@blp.response(200, StaffSchema)
def read_staff(staff_id: int) -> dict[str, Any]:
    """One account."""
    return _one(staff_id)


@blp.patch("/<id:staff_id>")
@blp.arguments(ChangedStaffSchema)
@blp.response(200, StaffSchema)
def change_staff(body: dict[str, Any], staff_id: int) -> dict[str, Any]:
    """Another post, office, name or absence; who works elsewhere now holds no case any more."""
    at, away, expected = runtime(), body.pop("away_until"), body.pop("updated_at")
    at.db.transact(
        admins.change,
        admin=administrator(),
        staff_id=staff_id,
        post=Post(**body),
        away_until=away,
        expected=expected,
        now=at.clock(),
    )
    return _one(staff_id)


@blp.post("/<id:staff_id>/disabling")
@blp.response(200, StaffSchema)
def disable_staff(staff_id: int) -> dict[str, Any]:
    """Close an account: its sessions end at once and its cases go back to the queue."""
    return _set_active(staff_id, active=False)


@blp.post("/<id:staff_id>/enabling")
@blp.response(200, StaffSchema)
def enable_staff(staff_id: int) -> dict[str, Any]:
    """Let a disabled account in again."""
    return _set_active(staff_id, active=True)


@blp.post("/<id:staff_id>/password-reset")
@blp.response(200, StaffWithPasswordSchema)
def reset_password(staff_id: int) -> dict[str, Any]:
    """A temporary password, shown with this answer only; every session of the account ends."""
    at, password = runtime(), admins.temporary_password()
    once(
        staff.reset_password,
        admin=administrator(),
        staff_id=staff_id,
        password=password,
        now=at.clock(),
        at=system_clock(),
    )
    return _one(staff_id) | {"temporary_password": password}


@blp.post("/<id:staff_id>/second-factor-reset")
@blp.response(200, StaffSchema)
def reset_factor(staff_id: int) -> dict[str, Any]:
    """For a lost phone: the person binds another at the next sign-in."""
    at = runtime()
    once(staff.reset_factor, admin=administrator(), staff_id=staff_id, now=at.clock(), at=system_clock())
    return _one(staff_id)


def shown(line: StaffLine) -> dict[str, Any]:
    """An account with its state and what may be done with it."""
    actions = ["change", "disable", "reset_password", "reset_second_factor"] if line.active else ["change", "enable"]
    return {
        **{name: getattr(line, name) for name in ("id", "username", "name", "post", "role", "level", "region")},
        "status": line.state,
        "status_label": say(LABELS[line.state]),
        "allowed_actions": actions,
        "second_factor": line.has_factor,
        "password_stale": line.password_stale,
        "away_until": line.away_until,
        "updated_at": line.updated_at,
    }


def _one(staff_id: int) -> dict[str, Any]:
    with runtime().db.reading() as session:
        return shown(people.one(session, admin=administrator(), staff_id=staff_id))


def _set_active(staff_id: int, *, active: bool) -> dict[str, Any]:
    at = runtime()
    once(
        admins.set_active,
        admin=administrator(),
        staff_id=staff_id,
        active=active,
        now=at.clock(),
        at=system_clock(),
    )
    return _one(staff_id)
