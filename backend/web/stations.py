"""The signed-in nurse or administrator as the bookings know them."""

from __future__ import annotations

from backend.bookings.clerks import Clerk
from backend.kernel.errors import Forbidden
from backend.kernel.i18n import N_
from backend.web.admins import card


def nurse() -> Clerk:
    """The station nurse who asks; ``Forbidden`` for every other role."""
    return _clerk("nurse")


def station_administrator() -> Clerk:
    """The administrator who asks."""
    return _clerk("admin")


def _clerk(role: str) -> Clerk:
    found = card()
    if found.role != role:
        raise Forbidden("forbidden", N_("您的岗位不能做这件事"))
    return Clerk(found.id, found.role, found.level, found.region, found.post)
