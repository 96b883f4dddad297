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
from tests.people import Cast

DEMO = booking.A
COUPLE = {"who": "partner", "plan": "first"}


def open_county(app: Flask, clock: MovableClock) -> Cast:
    """The cast of the checkup on the app's own database."""
    at = Phone(app).runtime
    return booking.county(at.db, at.vault, clock)


def slot_page(view: SlotView) -> str:
    return f"/checkup/slots/{ids.encode(view.id)}"


def page_of(made: int, what: str = "") -> str:
    return f"/bookings/{ids.encode(made)}{what}"


def tomorrow(cast: Cast) -> date:
    return today(cast.clock()) + timedelta(days=1)


def held(phone: Phone, cast: Cast, **fields: str) -> str:
    """The page of a fresh hold of both seats."""
    answer = phone.post(slot_page(booking.slots(cast)[0]), **{**COUPLE, **fields})
    assert answer.status_code == 303, answer.text
    return answer.location


def crowd(cast: Cast, slot: int, seats: int) -> None:
    for serial in range(20, 20 + seats):
        booking.hold(cast, booking.guest(cast, serial), slot)
