"""What a nurse is shown before saving is what happens, whatever she changes; the operator's command does the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from backend.bookings import generation, queries
from backend.bookings.outlook import Outlook
from backend.cli.stations import stations as group
from backend.models.station import Slot
from backend.runtime import build_runtime
from backend.web.context import bind
from config.settings import Settings
from tests import booking
from tests.booking import A
from tests.people import Cast
from tests.service.test_station_rules import WEEK, cast, close, draft, look, put, withdrawn

__all__ = ["cast"]

TUESDAY = date(2026, 11, 24)
AFTERNOONS = tuple((weekday, time(13), time(16)) for weekday in (2, 3, 5))
CHANGES: list[dict[str, Any]] = [
    {"hours": AFTERNOONS},
    {"hours": (*WEEK, *AFTERNOONS), "seats_per_slot": 2},
    {"slot_minutes": 50, "daily_cap": 6},
    {"horizon_days": 3, "lead_minutes": 600, "release_time": time(12)},
    {"seats_per_slot": 1, "daily_cap": 1},
]


@pytest.mark.parametrize("changes", CHANGES)
def test_what_was_looked_at_is_what_is_saved(cast: Cast, changes: dict[str, Any]) -> None:
    made = [booking.booked(cast, booking.guest(cast, n), booking.slots(cast)[n % 5].id) for n in range(20, 26)]
    close(cast, TUESDAY + timedelta(days=1))
    ahead = look(cast, rules=draft(**changes).rules())
    assert put(cast, **changes) == ahead.change
    after = look(cast)
    assert said(after) == said(ahead)
    assert after.change.total == 0
    assert {booking.load(cast, one).status for one in made} == {"confirmed"}
    assert {booking.load(cast, one.id).slot_id for one in after.hit} == set(withdrawn(cast))


def said(found: Outlook) -> tuple[object, ...]:
    return found.days, [one.code for one in found.hit], found.crowded


def test_the_command_makes_the_slots_of_new_days(cast: Cast, settings: Settings) -> None:
    app = Flask("commands")
    bind(app, replace(build_runtime(settings), clock=cast.clock))
    app.cli.add_command(group)
    cast.clock.advance(timedelta(days=4))
    done = app.test_cli_runner().invoke(args=["stations", "slots", A])
    assert (done.exit_code, done.output) == (0, f"{A}: 5 made, 0 changed, 0 gone, 0 withdrawn\n")
    assert app.test_cli_runner().invoke(args=["stations", "slots", "nirgends"]).exit_code == 1


def test_days_long_past_go_and_a_finished_visit_stays(cast: Cast) -> None:
    who = booking.guest(cast, 20)
    made = booking.booked(cast, who)
    day = booking.load(cast, made).day
    cast.clock.advance(timedelta(days=40))
    assert cast.run(generation.forget, station=A, now=cast.clock()) > 0
    with cast.db.reading() as session:
        assert session.scalar(select(func.min(Slot.day)).where(Slot.station == A, Slot.day <= day)) is None
        assert queries.one(session, cast.vault, resident_id=who, booking_id=made).day == day
