"""The signed-in clerk as the applications domain knows one."""

from __future__ import annotations

from backend.applications.policy import Reviewer
from backend.kernel.errors import Unauthenticated
from backend.kernel.i18n import N_
from backend.web.guards import caller


def reviewer() -> Reviewer:
    """The clerk who asks; only behind the guards ``reviewer`` and ``staff_page``."""
    card = caller().card
    if card is None or card.staff is None:
        raise Unauthenticated("unauthenticated", N_("请先登录"))
    staff = card.staff
    return Reviewer(staff.id, staff.level, staff.region, staff.post, staff.person_index)
