"""The signed-in nurse or administrator as the bookings domain knows one."""

from __future__ import annotations

from backend.bookings.jurisdiction import Administrator, Nurse
from backend.web.admins import card


def nurse() -> Nurse:
    """The nurse who asks; only behind the guards ``nurse`` and ``nurse_page``."""
    found = card()
    return Nurse(found.id, found.level, found.region, found.post)


def administrator() -> Administrator:
    """The administrator who asks; only behind the guards ``administrator`` and ``admin_page``."""
    found = card()
    return Administrator(found.id, found.level, found.region, found.post)
