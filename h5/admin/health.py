"""The check-up 体检: what is not well, what to do, and where."""

from __future__ import annotations

from flask import Blueprint, url_for

from backend.administration.health import Finding
from backend.web import admins
from h5.admin import pages

blp = Blueprint("h5_admin_health", __name__, url_prefix="/staff/admin/health")

#: Where each kind of finding is mended.
ROOMS = {
    "staff": "h5_admin_staff.show",
    "offices": "h5_admin_offices.show",
    "calendars": "h5_admin_calendars.show",
    "work": "h5_admin_work.show",
}


@blp.get("")
def show() -> str:
    """The worst first; what is well is folded away."""
    found = admins.findings()
    return pages.page(
        "health.html",
        troubles=[(one, _href(one)) for one in found if one.level != "good"],
        good=[one for one in found if one.level == "good"],
    )


def _href(finding: Finding) -> str:
    if finding.code == "no_second_factor":
        return url_for("h5_admin_staff.show", show="no_factor")
    return url_for(ROOMS[finding.page]) if finding.page else ""
