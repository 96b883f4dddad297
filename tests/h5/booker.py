"""Looking at the pages of bookings as a person does: slots by their hour, bookings by their address."""

from __future__ import annotations

from datetime import date, timedelta

from backend.bookings.availability import SlotView
from backend.kernel import ids
from backend.kernel.clock import today
from tests import booking
from tests.h5.phone import Phone, hidden
from tests.people import Cast

DEMO = booking.A


def slot_page(view: SlotView) -> str:
    return f"/checkup/slots/{ids.encode(view.id)}"


def page_of(made: int, what: str = "") -> str:
    return f"/bookings/{ids.encode(made)}{what}"


def tomorrow(cast: Cast) -> date:
    return today(cast.clock()) + timedelta(days=1)


def press(phone: Phone, path: str, **fields: str) -> object:
    """Post a form with the hidden fields of the page that shows it."""
    return phone.post(path, data={**hidden(phone.page(path)), **fields})
