"""Before the visit, as pages: the checklists to keep or print, and the file for the phone's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template

from backend.web import preparing
from backend.web.files import download

blp = Blueprint("h5_preparing", __name__, url_prefix="/bookings")

Hints = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Own:
    """What only one of the couple does and brings. ``count``: checks of this person, 0 unknown."""

    title: str
    before: Hints
    bring: Hints
    count: int
    groups: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lists with what is for both said once. ``visit``: ``backend.web.preparing.preparation``."""

    visit: dict[str, Any]
    before: Hints
    bring: Hints
    people: list[Own]


@blp.get("/<id:booking>/preparation")
def show(booking: int) -> str:
    """Each person's list on one page."""
    return render_template("bookings/preparation.html", preparation=sheet(booking), booking=booking)


@blp.get("/<id:booking>.ics")
def calendar(booking: int) -> Response:
    """Opens in the phone's calendar; the same file again moves or removes what it made."""
    return download(preparing.calendar(booking), mime=preparing.CALENDAR, name="booking.ics")


def sheet(booking: int) -> Sheet:
    """The checklists of a booking for a page."""
    visit = preparing.preparation(booking)
    people = visit["people"]
    before, bring = _shared(people, "before"), _shared(people, "bring")
    own = [
        Own(
            person["title"],
            [hint for hint in person["before"] if hint not in before],
            [hint for hint in person["bring"] if hint not in bring],
            person["count"],
            person["groups"],
        )
        for person in people
    ]
    alike = len(own) > 1 and all((one.before, one.groups) == ([], own[0].groups) for one in own)
    return Sheet(visit, before, bring, own[:1] if alike else own)


def _shared(people: list[dict[str, Any]], part: str) -> Hints:
    return [hint for hint in people[0][part] if all(hint in person[part] for person in people)]
