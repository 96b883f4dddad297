"""What the API and the pages of the administration share: who asks, and acts that touch two domains at once."""

from __future__ import annotations

import secrets
import shutil
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from backend.accounts import factors
from backend.accounts.queries import StaffCard
from backend.administration import health, staff
from backend.administration.health import Disk, Finding, Surroundings
from backend.administration.policy import Administrator
from backend.applications import handover
from backend.kernel.clock import system_clock
from backend.kernel.errors import Unauthenticated
from backend.kernel.i18n import N_
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import checked, given

#: Letters of a temporary password: 58 bits, and easy to read out.
LENGTH = 12


def card() -> StaffCard:
    """The signed-in member of staff, whatever the role."""
    found = caller().card
    if found is None or found.staff is None:
        raise Unauthenticated("unauthenticated", N_("请先登录"))
    return found.staff


def administrator() -> Administrator:
    """The administrator who asks; only behind the guards ``administrator`` and ``admin_page``."""
    found = card()
    return Administrator(found.id, found.level, found.region, found.post)


def temporary_password() -> str:
    """A password for somebody else, shown with this answer only.

    It follows from the request's key, so that a repeated request shows the one that was set and not another.
    """
    return factors.spelled(runtime().vault, "temporary-password", _seed(), LENGTH).lower()


def recovery_codes() -> list[str]:
    """Ten fresh codes for whoever asks; the same ones again for a repeated request."""
    return factors.make_codes(runtime().vault, _seed())


def change(session: Session, /, *, admin: Administrator, staff_id: int, now: datetime, **values: Any) -> int:
    """``staff.change``; whoever works elsewhere now holds no case any more."""
    if staff.change(session, admin=admin, staff_id=staff_id, now=now, **values):
        handover.release_all(session, staff_id=staff_id, by=admin.actor, now=now)
    return staff_id


def set_active(
    session: Session, *, admin: Administrator, staff_id: int, active: bool, now: datetime, at: datetime
) -> int:
    """``staff.set_active``; what a disabled clerk held goes back to the queue at once."""
    staff.set_active(session, admin=admin, staff_id=staff_id, active=active, now=now, at=at)
    if not active:
        handover.release_all(session, staff_id=staff_id, by=admin.actor, now=now)
    return staff_id


def findings() -> list[Finding]:
    """What is not well in the region of the administrator who asks."""
    at = runtime()
    around = Surroundings(at.calendar, _disk(), at.clock(), system_clock(), not at.settings.is_demo)
    with at.db.reading() as session:
        return health.findings(session, at.vault, admin=administrator(), around=around)


def _disk() -> Disk | None:
    try:
        usage = shutil.disk_usage(runtime().settings.data_dir)
    except OSError:
        return None
    return Disk(usage.free, usage.total)


def _seed() -> str:
    key = given()
    key = secrets.token_urlsafe(16) if key is None else checked(key)
    return f"{caller().kind}|{caller().id}|{request.method} {request.path}|{key}"
