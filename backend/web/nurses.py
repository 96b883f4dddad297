"""The signed-in nurse as the bookings domain knows one."""

from __future__ import annotations

from backend.bookings.jurisdiction import Nurse
from backend.kernel.errors import Unauthenticated
from backend.kernel.i18n import N_
from backend.web.guards import caller


def nurse() -> Nurse:
    """The nurse who asks; only behind the guards ``nurse`` and ``nurse_page``."""
    card = caller().card
    if card is None or card.staff is None:
        raise Unauthenticated("unauthenticated", N_("请先登录"))
    return Nurse(card.staff.id, card.staff.level, card.staff.region)
