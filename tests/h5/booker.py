"""Looking at the pages of bookings as a person does: slots by their hour, bookings by their address."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Flask

from backend.bookings.availability import SlotView
from backend.kernel import ids
from backend.kernel.clock import today
from tests import booking
from tests.clock import MovableClock
from tests.h5.phone import Phone
from tests.people import Cast, assemble

DEMO = booking.A


def open_county(app: Flask, clock: MovableClock) -> Cast:
    """The district with the checkup alone and its open stations: quicker than with every service item."""
    at = Phone(app).runtime
    cast = assemble(at.db, at.vault, clock, item="checkup")
    booking.open_stations(cast)
    return cast


def slot_page(view: SlotView) -> str:
    return f"/checkup/slots/{ids.encode(view.id)}"


def page_of(made: int, what: str = "") -> str:
    return f"/bookings/{ids.encode(made)}{what}"


def tomorrow(cast: Cast) -> date:
    return today(cast.clock()) + timedelta(days=1)
