"""Who may administer what: pure."""

from __future__ import annotations

from dataclasses import dataclass

from backend.kernel.actors import Actor
from backend.kernel.errors import Forbidden, NotFound
from backend.kernel.i18n import N_

_DIGITS = {"county": 6, "town": 9, "village": 12}


@dataclass(frozen=True, slots=True)
class Administrator:
    """An administrator who acts: ``region`` is the 12-digit code of the office, ``level`` the office's own."""

    id: int
    level: str
    region: str
    post: str

    @property
    def actor(self) -> Actor:
        return Actor("staff", "admin", self.id, self.post)

    @property
    def prefix(self) -> str:
        """The significant digits of the region: what begins with them lies inside."""
        return self.region[: _DIGITS[self.level]]


def covers(admin: Administrator, region: str) -> bool:
    """Whether a 12-digit region is the administrator's own or lies below it."""
    return region.startswith(admin.prefix)


def check_covers(admin: Administrator, region: str, *, what: str) -> None:
    """``NotFound`` for what lies elsewhere: it looks like what does not exist. ``what``: staff, office."""
    if not covers(admin, region):
        raise missing(what)


def missing(what: str) -> NotFound:
    """One refusal for what is not there and what lies elsewhere."""
    said = {
        "staff": N_("没有这个账号，或者不在您的辖区"),
        "office": N_("没有这个办公室，或者不在您的辖区"),
    }
    return NotFound("not_found", said[what])


def check_whole(admin: Administrator) -> None:
    """Items, calendars and the work queue belong to the whole installation: county administrators only."""
    if admin.level != "county":
        raise Forbidden("county_only", N_("这一项全区县共用，请找区县的管理员改"))


def level_of(region: str) -> str:
    """village, town or county, read from a 12-digit code."""
    if region[9:] != "000":
        return "village"
    return "town" if region[6:9] != "000" else "county"
