"""The free checkup 孕前检查: the stations of the county beside each other, the month of one, the slots of a day.

Open to everybody; signing in is asked when a slot is taken. ``?change=<booking>``: another time for that booking.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.bookings import availability, closures, policy, queries
from backend.bookings.availability import DayView, Horizon, SlotView
from backend.bookings.closures import Days
from backend.bookings.queries import BookingCard, StationCard
from backend.catalogue import queries as catalogue
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.errors import NotFound, Unauthenticated
from backend.kernel.i18n import N_
from backend.web.bookings import my_booking
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.words import language
from h5 import calendar, dates
from h5.calendar import Grid
from h5.places import TOWN, below, last_town
from h5.shell import keep_choice

blp = Blueprint("h5_checkup", __name__, url_prefix="/checkup")

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
#: A calendar shows no more than this before and after today.
BEFORE, AFTER = timedelta(days=31), timedelta(days=400)


@dataclass(frozen=True, slots=True)
class StationLine:
    """One station beside the others: where it is, its next free day, its coming week."""

    code: str
    name: str
    place: str
    phone: str
    free: DayView | None
    week: Grid


@blp.get("")
def stations() -> Response:
    """Every station with its next free day; those of one's own town first."""
    at, town = runtime(), last_town()
    with at.db.reading() as session:
        cards = queries.stations(session, region=town or at.settings.county)
        names = catalogue.region_names(session, [card.region for card in cards])
        codes = [card.code for card in cards]
        days = availability.coming(session, stations=codes, first=today(at.clock()), now=at.clock(), town=town)
    lines = [_line(card, names, days[card.code]) for card in cards]
    towns = [(place.code, place.name, None) for place in below(at.settings.county)] if len(cards) > 1 else []
    page = render_template("bookings/stations.html", lines=lines, towns=towns, town=town)
    answer = make_response(page)
    if town and request.args.get(TOWN):
        keep_choice(answer, TOWN, town)
    return answer


@blp.get("/<string:station>")
def month(station: str) -> str:
    """A month of one station; without ``?month=`` the first free day is open already."""
    wanted = _day(f"{request.args['month']}-01") if request.args.get("month") else None
    return _calendar(station, None, wanted)


@blp.get("/<string:station>/<string:day>")
def day(station: str, day: str) -> str:
    """The slots of one day under its month."""
    return _calendar(station, _day(day), None)


@dataclass(frozen=True, slots=True)
class _Found:
    station: StationCard
    release: Horizon | None
    free: date | None
    days: list[DayView]
    slots: list[SlotView]
    picked: date | None
    first: date
    closed: list[Days]


def _calendar(code: str, picked: date | None, wanted: date | None) -> str:
    at = runtime()
    change = changing()
    on = today(at.clock())
    found = _find(code, picked, wanted, on)
    seats = change.seats if change else 2
    keep: dict[str, Any] = {"change": ids.encode(change.id)} if change else {}
    return render_template(
        "bookings/calendar.html",
        station=found.station,
        name=found.station.called(language()),
        month=dates.month(found.first),
        grid=calendar.month(
            found.days,
            station=code,
            today=on,
            release=found.release,
            picked=found.picked,
            change=keep.get("change", ""),
        ),
        around=_around(found, on, keep),
        picked=found.picked,
        slots=found.slots,
        closed=found.closed,
        best=_best(found.slots, change),
        seats=seats,
        free=found.free,
        free_href=calendar.day_address(code, found.free, keep.get("change", "")) if found.free else None,
        release=found.release,
        change=change,
        keep=keep,
        over=found.picked is not None and found.picked < on,
    )


def _find(code: str, picked: date | None, wanted: date | None, on: date) -> _Found:
    """Everything the calendar shows, in one reading."""
    at, town = runtime(), last_town()
    now = at.clock()
    with at.db.reading() as session:
        station = queries.station(session, code)
        if picked is None and wanted is None:
            picked = availability.next_free(session, station=code, after=on - timedelta(days=1), now=now, town=town)
        first, last = policy.month_of(picked or wanted or on)
        after = picked or max(first, on) - timedelta(days=1)
        return _Found(
            station=station,
            release=availability.horizon(session, station=code, now=now),
            free=availability.next_free(session, station=code, after=after, now=now, town=town),
            days=availability.days(session, stations=[code], first=first, last=last, now=now, town=town)[code],
            slots=availability.slots(session, station=code, day=picked, now=now, town=town) if picked else [],
            picked=picked,
            first=first,
            closed=closures.notices(session, station=code, first=max(first, on), last=last),
        )


def changing() -> BookingCard | None:
    """The booking of ``?change=``; asks to sign in, 404 for anybody else's, and none that cannot be moved any more."""
    given = request.args.get("change", "")
    if not given:
        return None
    if caller().kind != "resident":
        raise Unauthenticated("unauthenticated", N_("请先登录"))
    try:
        card = my_booking(ids.decode(given))
    except ValueError as wrong:
        raise NotFound("not_found", N_("没有找到这次预约")) from wrong
    return card if "reschedule" in card.actions(runtime().clock()) else None


def _around(found: _Found, on: date, keep: dict[str, Any]) -> list[tuple[str, str] | None]:
    """(address, name) of the month before and the month after; ``None`` where there is nothing to see."""
    before, _last = policy.month_of(found.first - timedelta(days=1))
    after, _last = policy.month_of(found.first + timedelta(days=32))
    furthest = found.release.last if found.release else on
    months = (before if before >= on.replace(day=1) else None, after if after <= furthest else None)
    return [_month_link(found.station.code, first, keep) if first else None for first in months]


def _month_link(code: str, first: date, keep: dict[str, Any]) -> tuple[str, str]:
    return url_for(".month", station=code, month=f"{first:%Y-%m}", **keep), dates.month(first)


def _best(slots: list[SlotView], change: BookingCard | None) -> SlotView | None:
    """The first slot with room for both, else for one; of a booking that is moved, only one with room for it."""
    if change is not None:
        return next((view for view in slots if view.left >= change.seats and view.id != change.slot_id), None)
    return next((view for seats in (2, 1) for view in slots if view.left >= seats), None)


def _line(card: StationCard, names: dict[str, str], days: list[DayView]) -> StationLine:
    place = card.address or names.get(card.region, "")
    on = days[0].day
    week = calendar.row(days, station=card.code, today=on)
    return StationLine(card.code, card.called(language()), place, card.phone, availability.first_free(days), week)


def _day(text: str) -> date:
    """The day of an address; ``NotFound`` for none or one too far from now."""
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        found = None
    on: Any = today(runtime().clock())
    if found is None or not on - BEFORE <= found <= on + AFTER:
        raise NotFound("not_found", N_("没有这一天，请回到日历重新选"))
    return found
