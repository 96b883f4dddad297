"""What a couple hears about its booking: each of them once, reminders by day, nothing about a time that is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from backend.bookings import leftovers, records
from backend.events import moves, outbox
from backend.kernel.clock import local
from backend.lifecycles.booking import BOOKING
from backend.models.booking import Booking
from backend.models.delivery import Delivery
from backend.models.notification import Message
from backend.models.outbox import Outbox
from backend.models.station import Slot, Station
from backend.notifications import queries
from backend.notifications.wording.discretion import HEALTH_WORDS
from backend.notifications.wording.templates import templates
from backend.runtime import Runtime
from tests import booking
from tests.clock import MovableClock
from tests.people import Cast, assemble
from workers import drain, registry

TOPICS = [name for name in registry.TOPICS if name.startswith("booking_")]
HOUR = timedelta(hours=1)


@pytest.fixture
def runtime(runtime: Runtime, clock: MovableClock) -> Runtime:
    return replace(runtime, clock=clock)


@pytest.fixture
def cast(runtime: Runtime, clock: MovableClock) -> Cast:
    return booking.county(runtime.db, runtime.vault, clock)


def work(runtime: Runtime) -> None:
    for topic in TOPICS:
        drain.drain(runtime, registry.TOPICS[topic], go_on=lambda: True)


def heard(cast: Cast, who: int, topic: str, language: str = "zh") -> list[str]:
    """The texts of one kind in an inbox."""
    with cast.db.reading() as session:
        cards, _ = queries.inbox(session, cast.vault, resident_id=who, language=language)
    return [card.text for card in cards if card.template == topic]


def planned(cast: Cast) -> dict[str, datetime | None]:
    """Kind → until when it may be sent, of all that is to leave the house."""
    with cast.db.reading() as session:
        return {row.kind: row.not_after for row in session.scalars(select(Delivery))}


def reminders(cast: Cast) -> list[tuple[str, datetime]]:
    """(reference, due) of what is still to be said."""
    with cast.db.reading() as session:
        waiting = select(Outbox.reference, Outbox.due_at).where(
            Outbox.topic == "booking_reminder", Outbox.status == "due"
        )
        return [(row.reference, row.due_at) for row in session.execute(waiting.order_by(Outbox.due_at))]


def change(cast: Cast, row: Any, **values: Any) -> None:
    cast.run(lambda session: session.execute(update(row).values(**values)))


def pass_on(cast: Cast, made: int, name: str, ended_as: str = "") -> None:
    """A move of the system, as the sweeps of the day make it."""

    def go(session: Any) -> None:
        row = session.get_one(Booking, made)
        moves.pass_on(session, row, name, lifecycle=BOOKING, role="system", turn=row.sequence, now=cast.clock())
        row.ended_as = ended_as
        if name != "complete":  # a completed visit has closed the plan of whoever was checked
            records.let_go(session, row, now=cast.clock())

    cast.run(go)


def later_slot(cast: Cast, days: int) -> int:
    return booking.slots(cast, day=local(cast.clock() + timedelta(days=days)).date())[-1].id


def test_both_of_a_couple_are_told_once_each(cast: Cast, runtime: Runtime) -> None:
    mine, theirs = booking.couple(cast)
    booking.booked(cast, mine, partner=True)
    work(runtime)
    work(runtime)
    for who in (mine, theirs):
        (text,) = heard(cast, who, "booking_confirmed")
        assert "11 月 24 日（周二）08:00，演示服务站甲" in text
        assert text.startswith("和爱人一起约好了")
    assert "Tuesday 24 November at 08:00, Demo station A" in heard(cast, mine, "booking_confirmed", "en")[0]


def test_two_reminders_wait_for_two_days_and_eighteen_hours_before(cast: Cast, runtime: Runtime) -> None:
    mine, _ = booking.couple(cast)
    made = booking.load(cast, booking.booked(cast, mine, later_slot(cast, 9), partner=True))
    work(runtime)
    assert reminders(cast) == [("48:0", made.starts_at - 48 * HOUR), ("18:0", made.starts_at - 18 * HOUR)]


def test_reminder_that_falls_into_the_night_goes_out_the_evening_before(runtime: Runtime, clock: MovableClock) -> None:
    cast = assemble(runtime.db, runtime.vault, clock, item="checkup")
    booking.open_stations(cast, hours=[[weekday, "16:00", "17:00"] for weekday in range(1, 8)], daily_cap=4)
    guest = booking.guest(cast, 20)
    booking.booked(cast, guest, later_slot(cast, 9))
    work(runtime)
    assert [f"{local(due):%d %H:%M}" for _, due in reminders(cast)] == ["30 16:30", "01 20:30"]
    cast.clock.set(reminders(cast)[1][1])
    work(runtime)
    assert "12 月 2 日（周三）08:30 以后不要吃东西" in "".join(heard(cast, guest, "booking_reminder"))


def test_reminder_says_when_where_from_when_without_food_and_what_to_bring(cast: Cast, runtime: Runtime) -> None:
    change(cast, Station, address="中心路 1 号", marriage_certificate=True, fasting_hours=10)
    mine, theirs = booking.couple(cast)
    made = booking.load(cast, booking.booked(cast, mine, later_slot(cast, 9), partner=True))
    work(runtime)
    cast.clock.set(made.starts_at - 48 * HOUR)
    work(runtime)
    for who in (mine, theirs):
        (text,) = heard(cast, who, "booking_reminder")
        assert "12 月 2 日（周三）10:00，演示服务站甲（中心路 1 号）" in text
        assert "12 月 1 日（周二）晚上 12 点以后不要吃东西，可以喝少量白水。请带两个人的身份证和结婚证" in text
        assert made.code in text.replace(" ", "")
    cast.clock.set(made.starts_at - 18 * HOUR)
    work(runtime)
    assert len(heard(cast, mine, "booking_reminder")) == 2


def test_reminder_without_fasting_names_no_food(cast: Cast, runtime: Runtime) -> None:
    change(cast, Station, fasting_hours=0)
    guest = booking.guest(cast, 20)
    made = booking.load(cast, booking.booked(cast, guest, later_slot(cast, 9)))
    work(runtime)
    cast.clock.set(made.starts_at - 18 * HOUR)
    work(runtime)
    text = heard(cast, guest, "booking_reminder")[0]
    assert "吃" not in text
    assert "请带身份证，到了" in text


def test_reminder_whose_moment_is_over_is_not_written(cast: Cast, runtime: Runtime) -> None:
    booking.booked(cast, booking.guest(cast, 20))  # tomorrow at eight, 22 hours from now
    work(runtime)
    assert [reference for reference, _ in reminders(cast)] == ["18:0"]


def test_reminders_that_were_held_up_are_said_once(cast: Cast, runtime: Runtime) -> None:
    guest = booking.guest(cast, 20)
    made = booking.load(cast, booking.booked(cast, guest, later_slot(cast, 9)))
    work(runtime)
    cast.clock.set(made.starts_at - 2 * HOUR)
    work(runtime)
    assert len(heard(cast, guest, "booking_reminder")) == 1
    assert reminders(cast) == []


def test_reminder_of_an_earlier_time_stays_unsaid(cast: Cast, runtime: Runtime) -> None:
    mine, theirs = booking.couple(cast)
    made = booking.booked(cast, mine, later_slot(cast, 3), partner=True)
    work(runtime)
    booking.reschedule(cast, theirs, made, later_slot(cast, 9))
    work(runtime)
    cast.clock.set(booking.load(cast, made).starts_at - 47 * HOUR)
    work(runtime)
    assert len(heard(cast, mine, "booking_reminder")) == len(heard(cast, theirs, "booking_reminder")) == 1
    assert "12 月 2 日" in heard(cast, theirs, "booking_rescheduled")[0]


def test_cancelled_booking_is_told_and_not_reminded_of(cast: Cast, runtime: Runtime) -> None:
    mine, theirs = booking.couple(cast)
    made = booking.booked(cast, mine, later_slot(cast, 9), partner=True)
    work(runtime)
    booking.cancel(cast, theirs, made)
    cast.clock.advance(timedelta(days=8))
    work(runtime)
    assert heard(cast, mine, "booking_reminder") == []
    assert "两个人的号都退了" in heard(cast, mine, "booking_cancelled")[0]
    assert len(heard(cast, theirs, "booking_cancelled")) == 1


def test_confirmation_that_was_overtaken_is_not_told(cast: Cast, runtime: Runtime) -> None:
    guest = booking.guest(cast, 20)
    booking.cancel(cast, guest, booking.booked(cast, guest))
    work(runtime)
    assert heard(cast, guest, "booking_confirmed") == []
    assert reminders(cast) == []


def test_nobody_is_reminded_of_a_day_the_station_is_closed(cast: Cast, runtime: Runtime) -> None:
    guest = booking.guest(cast, 20)
    booking.booked(cast, guest, later_slot(cast, 9))
    work(runtime)
    change(cast, Slot, withdrawn_at=cast.clock())
    cast.clock.advance(timedelta(days=8))
    work(runtime)
    assert heard(cast, guest, "booking_reminder") == []


def test_missed_visit_is_a_kind_word_and_new_dates_to_the_couple_alone(cast: Cast, runtime: Runtime) -> None:
    mine, theirs = booking.couple(cast)
    made = booking.booked(cast, mine, partner=True)
    cast.clock.advance(timedelta(hours=26))
    pass_on(cast, made, "miss")
    work(runtime)
    for who in (mine, theirs):
        (text,) = heard(cast, who, "booking_missed")
        assert "什么都不受影响" in text
        assert "最近能约的日子：11 月 25 日（周三）、11 月 26 日（周四）、11 月 30 日（周一）" in text
    with cast.db.reading() as session:
        told = {row.resident_id for row in session.scalars(select(Message))}
    assert told == {mine, theirs}


def test_word_to_whoever_did_not_come_goes_with_the_visit(cast: Cast, runtime: Runtime) -> None:
    mine, theirs = booking.couple(cast)
    made = booking.booked(cast, mine, partner=True)
    work(runtime)
    cast.clock.advance(timedelta(hours=26))
    pass_on(cast, made, "miss")
    work(runtime)
    assert "booking_missed" in planned(cast)
    cast.clock.advance(timedelta(days=29))
    assert cast.run(leftovers.erase, now=cast.clock(), limit=50) == 0
    cast.clock.advance(timedelta(days=2))
    assert cast.run(leftovers.erase, now=cast.clock(), limit=50) == 1
    assert set(planned(cast)) == {"booking_confirmed"}
    for who in (mine, theirs):
        assert heard(cast, who, "booking_missed") == []
        assert len(heard(cast, who, "booking_confirmed")) == 1


def test_offered_days_have_room_for_both(cast: Cast, runtime: Runtime) -> None:
    mine, _ = booking.couple(cast)
    made = booking.booked(cast, mine, partner=True)
    change(cast, Slot, taken=Slot.capacity - 1)
    cast.clock.advance(timedelta(hours=26))
    pass_on(cast, made, "close", "station")
    work(runtime)
    (text,) = heard(cast, mine, "booking_closed")
    assert "最近能约" not in text


def test_completed_visit_promises_a_word_about_the_result_and_tells_none(cast: Cast, runtime: Runtime) -> None:
    guest = booking.guest(cast, 20)
    made = booking.booked(cast, guest)
    change(cast, Booking, status="checked_in")
    pass_on(cast, made, "complete")
    work(runtime)
    assert "只有您本人能看" in heard(cast, guest, "booking_completed")[0]


def test_walk_in_without_an_account_is_told_nothing(cast: Cast, runtime: Runtime) -> None:
    made = booking.booked(cast, booking.guest(cast, 20))
    change(cast, Booking, resident_id=None)
    cast.run(
        outbox.add, topic="booking_completed", subject_id=made, dedupe_key="booking_completed:x:0", now=cast.clock()
    )
    change(cast, Booking, status="completed")
    work(runtime)
    with cast.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 0


@pytest.mark.parametrize("name", [name for name in templates() if name.startswith("booking_")])
def test_title_of_a_booking_says_nothing_of_health(name: str) -> None:
    for parts in templates()[name].channels["inbox"].values():
        assert not [word for word in HEALTH_WORDS if word in parts["title"].lower()]


def test_nothing_about_a_visit_leaves_the_house_after_it(cast: Cast, runtime: Runtime) -> None:
    mine, _ = booking.couple(cast)
    made = booking.load(cast, booking.booked(cast, mine, partner=True))
    work(runtime)
    assert planned(cast) == {"booking_confirmed": made.starts_at}
