"""The page of one booking: what each state shows."""

from __future__ import annotations

import secrets

from flask import render_template
from markupsafe import Markup

from backend.bookings import availability, closures
from backend.bookings.availability import DayView
from backend.bookings.closures import Days
from backend.bookings.queries import BookingCard
from backend.catalogue import queries as catalogue
from backend.certificates import qr
from backend.kernel.clock import today
from backend.kernel.errors import Problem
from backend.lifecycles.booking import BOOKING
from backend.web.bookings import my_booking
from backend.web.context import runtime
from backend.web.words import language, say
from h5 import checkup_consents, preparing
from h5.booking_words import plan, ran_out, who
from h5.me import purposes

#: So many free days are offered to whoever did not come or lost the seats.
OFFERED = 3


def page(booking: int, wrong: dict[str, str], refused: Problem | None) -> str:
    card = my_booking(booking)
    state = _state(card)
    actions = card.actions(runtime().clock())
    how = "missed" if card.status == "missed" else "expired" if ran_out(card) else card.ended_as
    labels, colon = purposes(), ": " if language() == "en" else "："
    away = refused is not None and refused.code == "partner_consent_missing"
    return render_template(
        "bookings/show.html",
        card=card,
        now=runtime().clock(),
        state=state,
        how=how,
        status=say(BOOKING.label("missed" if how == "missed" else "cancelled")),
        actions=actions,
        late="cannot_come" in actions,
        station=card.station.called(language()),
        address=_address(card),
        who=who(card),
        plan=plan(card),
        qr=Markup(qr.svg(card.token)) if card.token else "",  # noqa: S704 - our own drawing of our own token
        consents=checkup_consents.missing() if state == "held" else [],
        days=_free_days(card) if state == "over" else [],
        closed=_closed(card) if card.withdrawn else [],
        preparation=preparing.sheet(booking) if state == "confirmed" else None,
        wrong=wrong,
        labels=labels,
        errors=[(f"#f-consents.{purpose}", f"{labels[purpose]}{colon}{text}") for purpose, text in wrong.items()],
        away=away,
        refused=None if away else refused,
        key=secrets.token_urlsafe(16),
    )


def _state(card: BookingCard) -> str:
    if card.status in ("cancelled", "missed") or ran_out(card):
        return "over"
    return card.status


def _address(card: BookingCard) -> str:
    """Where the station is, as far as it is known: the address, else the town."""
    if card.station.address:
        return card.station.address
    with runtime().db.reading() as session:
        return catalogue.region_names(session, [card.station.region]).get(card.station.region, "")


def _closed(card: BookingCard) -> list[Days]:
    """Why the station is closed on that day, when a closure is why its time is gone."""
    with runtime().db.reading() as session:
        return closures.notices(session, station=card.station.code, first=card.day, last=card.day)


def _free_days(card: BookingCard) -> list[DayView]:
    """The next free days of the same station; none when it is no longer there."""
    now = runtime().clock()
    with runtime().db.reading() as session:
        days = availability.coming(session, stations=[card.station.code], first=today(now), now=now)
    free = [view for view in days[card.station.code] if view.state in availability.BOOKABLE and view.left >= card.seats]
    return free[:OFFERED]
