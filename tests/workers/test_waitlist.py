"""The relay's sweeps and messages of the wait-list, with the clock moved through a night."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from backend.bookings import waitlist_queries
from backend.kernel.clock import SHANGHAI
from backend.notifications import queries as inbox
from backend.runtime import Runtime
from tests import booking
from tests.clock import MovableClock
from tests.people import Cast, assemble
from tests.waiting import Line
from workers import bookings, waitlist
from workers.drain import drain
from workers.registry import TOPICS
from workers.schedule import SCHEDULE

TOLD = ("waitlist_offer", "waitlist_over", "booking_move_offer", "booking_move_choose")


@pytest.fixture
def runtime(runtime: Runtime, clock: MovableClock) -> Runtime:
    return replace(runtime, clock=clock)


@pytest.fixture
def cast(runtime: Runtime, clock: MovableClock) -> Cast:
    made = assemble(runtime.db, runtime.vault, clock, item="checkup")
    booking.open_stations(made, hours=[[2, "08:00", "09:00"]], seats_per_slot=2, horizon_days=15)
    return made


@pytest.fixture
def line(cast: Cast) -> Line:
    return Line(cast)


@pytest.fixture
def full(cast: Cast, line: Line) -> list[int]:
    """The first slot of 1 December, in guests' hands."""
    return line.fill(booking.slots(cast, day=date(2026, 12, 1))[0].id, (20, 21))


def come_by(runtime: Runtime) -> None:
    """The relay runs what is due of seats, in the order of its schedule, and messages go out."""
    for work in SCHEDULE:
        if work.name in ("holds", "waitlist", "seat_returns"):
            work.run(runtime)
    for topic in TOLD:
        drain(runtime, TOPICS[topic], go_on=lambda: True, turn=5)


def messages(runtime: Runtime, who: int, language: str = "zh") -> list[tuple[str, str]]:
    """(template, text), the newest first."""
    with runtime.db.reading() as session:
        cards, _cursor = inbox.inbox(session, runtime.vault, resident_id=who, language=language)
    return [(card.template, f"{card.title}\n{card.text}") for card in cards]


def test_seats_go_to_the_line_before_they_go_to_everybody() -> None:
    order = [work.run for work in SCHEDULE if work.name in ("holds", "waitlist", "seat_returns")]
    assert order == [bookings.expire_holds, waitlist.offer_seats, waitlist.release_seats]


def test_a_hold_that_runs_out_goes_to_who_waits(runtime: Runtime, cast: Cast, line: Line, full: list[int]) -> None:
    line.give_back(full[0])
    cast.clock.advance(timedelta(minutes=21))
    come_by(runtime)
    slot = booking.load(cast, full[0]).slot_id
    booking.hold(cast, booking.guest(cast, 40), slot)
    who = booking.guest(cast, 30)
    line.join(who, first=8, last=8, partner=False)
    fill_others(cast, slot)
    cast.clock.advance(timedelta(minutes=11))
    come_by(runtime)
    assert [offer.slot_id for offer in line.open_offers(who)] == [slot]
    line.check_books()


def fill_others(cast: Cast, but: int) -> None:
    others = [view for view in booking.slots(cast, day=date(2026, 12, 1)) if view.id != but]
    for view in others:
        for serial in range(60, 60 + view.left):
            booking.booked(cast, booking.guest(cast, serial), view.id)


def test_both_are_told_with_the_hour_and_nothing_of_health(
    runtime: Runtime, cast: Cast, line: Line, full: list[int]
) -> None:
    mine, theirs = booking.couple(cast)
    line.join(mine, first=8, last=8, partner=True)
    come_by(runtime)
    for who in (mine, theirs):
        [(template, text)] = messages(runtime, who)
        assert template == "waitlist_offer"
        assert "12 月 1 日（周二）08:30 有 2 个号" in text
        assert "留到 11 月 23 日（周一）12:00" in text
        assert "孕" not in text
    [(_template, english)] = messages(runtime, mine, "en")
    assert "kept for you alone until" in english
    come_by(runtime)
    assert len(messages(runtime, mine)) == 1


def test_through_the_night_nobody_is_disturbed(runtime: Runtime, cast: Cast, line: Line, full: list[int]) -> None:
    fill_others(cast, booking.load(cast, full[0]).slot_id)
    one, other = booking.guest(cast, 30), booking.guest(cast, 31)
    line.join(one, first=8, last=8)
    line.join(other, first=8, last=8)
    cast.clock.set(datetime(2026, 11, 23, 20, 30, tzinfo=SHANGHAI))
    line.give_back(full[0])
    told = []
    while cast.clock() < datetime(2026, 11, 24, 12, 0, tzinfo=SHANGHAI):
        before = len(messages(runtime, one)), len(messages(runtime, other))
        come_by(runtime)
        if (len(messages(runtime, one)), len(messages(runtime, other))) != before:
            told.append(cast.clock().astimezone(SHANGHAI).strftime("%d %H:%M"))
        cast.clock.advance(timedelta(minutes=30))
    assert told == ["23 20:30", "24 09:30"]
    line.check_books()


def test_when_it_is_over_the_reason_is_told_by_day(runtime: Runtime, cast: Cast, line: Line, full: list[int]) -> None:
    fill_others(cast, booking.load(cast, full[0]).slot_id)
    who = booking.guest(cast, 30)
    line.join(who, first=8, last=8)
    cast.clock.set(datetime(2026, 12, 2, 0, 30, tzinfo=SHANGHAI))
    come_by(runtime)
    assert messages(runtime, who) == []
    cast.clock.set(datetime(2026, 12, 2, 8, 0, tzinfo=SHANGHAI))
    come_by(runtime)
    [(template, text)] = messages(runtime, who)
    assert template == "waitlist_over"
    assert "这些天里没有人退号。没有别的影响" in text


def test_a_withdrawn_visit_is_told_with_the_time_that_is_kept(
    runtime: Runtime, cast: Cast, line: Line, full: list[int]
) -> None:
    booking.open_stations(cast, hours=[[3, "08:00", "09:00"]], horizon_days=15)
    come_by(runtime)
    who = booking.load(cast, full[0]).resident_id or 0
    [(template, text)] = messages(runtime, who)
    assert template == "booking_move_offer"
    assert "您约的 12 月 1 日（周二）08:00" in text
    assert "12 月 2 日（周三）08:" in text
    line.decline(who, line.open_offers(who)[0].id)
    come_by(runtime)
    assert len(messages(runtime, who)) == 2


def test_a_crash_between_two_offers_loses_none(
    runtime: Runtime, cast: Cast, line: Line, full: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = [booking.guest(cast, serial) for serial in (30, 31, 32)]
    for who in waiting:
        line.join(who, first=8, last=8)
    for made in full:
        line.give_back(made)
    calls = []

    def die(*_arguments: object, **_options: object) -> None:
        calls.append(1)
        if len(calls) > 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr("backend.bookings.offers.outbox.add", die)
        with pytest.raises(KeyboardInterrupt):
            waitlist.offer_seats(runtime)
    line.check_books()
    come_by(runtime)
    assert all(line.open_offers(who) for who in waiting)
    line.check_books()


def test_a_line_of_ten_is_served_in_order(runtime: Runtime, cast: Cast, line: Line, full: list[int]) -> None:
    fill_others(cast, booking.load(cast, full[0]).slot_id)
    waiting = [booking.guest(cast, serial) for serial in range(100, 110)]
    for who in waiting:
        line.join(who, first=8, last=8)
    served = []
    for made in full:
        line.give_back(made)
        come_by(runtime)
    with runtime.db.reading() as session:
        for who in waiting:
            [card] = waitlist_queries.mine(session, resident_id=who)
            served.append(card.status)
    assert served == ["offered", "offered", *["waiting"] * 8]
