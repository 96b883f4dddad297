"""Who sits at the console, and what every page of it shows around its content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template

from backend.accounts.queries import StaffCard
from backend.applications.policy import Reviewer
from backend.catalogue import queries as catalogue
from backend.kernel.errors import Forbidden, Unauthenticated
from backend.kernel.i18n import N_
from backend.notifications import staff as inbox
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.reviewers import reviewer
from h5.staff import rooms

#: The one role that has cases to look at; everybody else must not see any.
ROLE = "reviewer"


@dataclass(frozen=True, slots=True)
class Console:
    """The office and the post of whoever is signed in."""

    office: str
    post: str
    rooms: list[rooms.Door]
    #: Messages never opened, at most a hundred.
    unread: int


def card() -> StaffCard:
    """The signed-in member of staff, whatever the role; only behind the guard ``staff_page``."""
    found = caller().card
    if found is None or found.staff is None:
        raise Unauthenticated("unauthenticated", N_("请先登录"))
    return found.staff


def clerk() -> Reviewer:
    """The signed-in reviewer; ``Forbidden`` for nurses, investigators and administrators."""
    if card().role != ROLE:
        raise Forbidden("forbidden", N_("您的岗位不办理申请，看不到这些件"))
    return reviewer()


def console() -> Console:
    """What the bar shows."""
    found = card()
    with runtime().db.reading() as session:
        office = catalogue.office(session, found.region).name
        unread = inbox.unread(session, staff_id=found.id)
    return Console(office, found.post, rooms.doors(found), unread)


def page(template: str, **values: Any) -> str:
    """A page of the console."""
    return render_template(f"staff/{template}", console=console(), **values)
