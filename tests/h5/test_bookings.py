"""The pages of a booking: who comes, the hold, the code, another time, and the ends that need kind words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.bookings import holds
from tests import booking
from tests.clock import MovableClock
from tests.h5.booker import page_of, slot_page
from tests.h5.phone import Phone, hidden
from tests.h5.test_pages_render import CHOICES, sound
from tests.people import Cast


@pytest.fixture
def cast(cast: Cast) -> Cast:
    booking.open_stations(cast)
    return cast


@pytest.fixture
def couple(cast: Cast) -> tuple[int, int]:
    return booking.couple(cast)


@pytest.fixture
def phone(app: object, couple: tuple[int, int]) -> Phone:
    """王㐂, whose partner is 李䶮."""
    return Phone(app).enter(couple[0])  # type: ignore[arg-type]


def hold(phone: Phone, path: str, **fields: str) -> object:
    return phone.post(path, data={**hidden(phone.page(path)), "plan": "first", **fields})


def test_one_tap_holds_both_seats(phone: Phone, cast: Cast, couple: tuple[int, int]) -> None:
    path = slot_page(booking.slots(cast)[0])
    answer = phone.post(path, who="partner", plan="first")
    assert answer.status_code == 303
    page = phone.page(answer.location)
    assert "号给您占着，到" in page
    assert "我和爱人" in page
    assert booking.slots(cast)[0].left == 2
    assert 'http-equiv="refresh"' not in page
