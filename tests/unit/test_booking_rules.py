"""Rules become slots: caps, stretches, holidays, make-up days, lead and release."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from backend.bookings import rule_drafts, rules as ruling
from backend.bookings.rule_drafts import Draft
from backend.bookings.rules import DayPlan, Rules
from backend.kernel.clock import SHANGHAI
from backend.kernel.errors import Invalid
from config.calendar_data import load_calendar

CALENDAR = load_calendar()
MONDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 29)
NEW_YEAR = date(2026, 1, 1)
TOWN = "370402001000"
MORNING, NOON = (time(8), time(10, 30)), (time(14), time(16))


def rules(**changes: object) -> Rules:
    given_: dict[str, object] = {"hours": {1: (MORNING, NOON)}, "slot_minutes": 30, "seats_per_slot": 4}
    return Rules(**{"daily_cap": 20, **given_, **changes})  # type: ignore[arg-type]


def draft(**changes: object) -> Draft:
    given_: dict[str, object] = {"hours": ((1, *MORNING),), "slot_minutes": 30, "seats_per_slot": 4, "daily_cap": 20}
    return Draft(**{**given_, **changes})  # type: ignore[arg-type]


def wrong(**changes: object) -> set[str]:
    with pytest.raises(Invalid) as refused:
        rule_drafts.check(draft(**changes), towns={TOWN})
    return set(refused.value.errors)


minutes = st.integers(0, 24 * 60 - 1).map(lambda n: time(n // 60, n % 60))


@st.composite
def some_rules(draw: st.DrawFn) -> Rules:
    """Rules with stretches that do not overlap."""
    hours = {}
    for weekday in draw(st.sets(st.integers(1, 7), max_size=7)):
        ends = sorted(draw(st.sets(minutes, max_size=6)))
        hours[weekday] = tuple(zip(ends[::2], ends[1::2], strict=False))
    return Rules(
        hours=hours,
        slot_minutes=draw(st.integers(5, 240)),
        seats_per_slot=draw(st.integers(1, 30)),
        daily_cap=draw(st.integers(1, 60)),
        town_quotas=draw(st.sampled_from([{}, {TOWN: 2}])),
        lead=timedelta(minutes=draw(st.integers(0, 3000))),
        horizon_days=draw(st.integers(1, 60)),
        release=draw(minutes),
    )


exceptions = st.dictionaries(
    st.dates(date(2026, 9, 25), date(2026, 10, 12)), st.sampled_from([(), (MORNING,), (MORNING, NOON)]), max_size=5
).map(lambda found: {day: DayPlan(day, stretches) for day, stretches in found.items()})


@given(some_rules(), exceptions)
def test_slots_lie_inside_the_hours_of_their_day_and_never_overlap(rules: Rules, exceptional: dict) -> None:  # type: ignore[type-arg]
    slots = ruling.plan(rules, exceptional, CALENDAR, date(2026, 9, 25), date(2026, 10, 12))
    assert all(one.ends_at <= other.starts_at for one, other in pairwise(slots))
    for slot in slots:
        stretches = ruling.day_stretches(rules, exceptional, CALENDAR, slot.day)
        begin, end = slot.starts_at.time(), slot.ends_at.time()
        assert any(first <= begin and end <= last for first, last in stretches)
        assert slot.day == slot.starts_at.date() == slot.ends_at.date()
        assert slot.ends_at - slot.starts_at == timedelta(minutes=rules.slot_minutes)


@given(some_rules(), exceptions)
def test_no_day_has_more_seats_than_its_cap_without_a_counter(rules: Rules, exceptional: dict) -> None:  # type: ignore[type-arg]
    by_day: dict[date, list[ruling.Planned]] = {}
    for slot in ruling.plan(rules, exceptional, CALENDAR, date(2026, 9, 25), date(2026, 10, 12)):
        by_day.setdefault(slot.day, []).append(slot)
    for slots in by_day.values():
        seats = sum(slot.capacity for slot in slots)
        assert {slot.capped for slot in slots} == {seats > rules.daily_cap}
        assert all(slot.capacity <= min(rules.seats_per_slot, rules.daily_cap) for slot in slots)
        assert {slot.shared for slot in slots} == {bool(rules.town_quotas)}


@given(some_rules(), exceptions)
def test_holidays_are_closed_unless_a_day_is_made_up(rules: Rules, exceptional: dict) -> None:  # type: ignore[type-arg]
    for slot in ruling.plan(rules, exceptional, CALENDAR, date(2026, 9, 25), date(2026, 10, 12)):
        if slot.day in exceptional:
            assert exceptional[slot.day].stretches
        else:
            assert slot.day not in CALENDAR.holidays


@given(some_rules())
def test_a_time_opens_at_the_release_and_closes_by_the_lead(rules: Rules) -> None:
    for slot in ruling.plan(rules, {}, CALENDAR, MONDAY, SUNDAY):
        released = datetime.combine(slot.day - timedelta(days=rules.horizon_days), rules.release, SHANGHAI)
        assert (slot.opens_at, slot.closes_at) == (released, slot.starts_at - rules.lead)


@given(some_rules(), st.dates(date(2026, 1, 1), date(2026, 12, 1)))
def test_what_can_be_booked_by_tomorrow_lies_inside_the_window(rules: Rules, day: date) -> None:
    first, last = ruling.window(rules, day)
    beyond = ruling.plan(rules, {}, CALENDAR, last + timedelta(days=1), last + timedelta(days=8))
    end_of_tomorrow = datetime.combine(day + timedelta(days=1), time(23, 59), SHANGHAI)
    assert first == day
    assert all(slot.opens_at > end_of_tomorrow for slot in beyond)


def test_a_day_is_cut_into_times_and_the_rest_of_a_stretch_is_left() -> None:
    slots = ruling.plan(rules(slot_minutes=40), {}, CALENDAR, MONDAY, SUNDAY)
    assert [f"{slot.starts_at:%H:%M}" for slot in slots] == ["08:00", "08:40", "09:20", "14:00", "14:40", "15:20"]


def test_new_year_is_closed_and_can_be_made_up() -> None:
    every_day = rules(hours=dict.fromkeys(range(1, 8), (MORNING,)))
    assert ruling.plan(every_day, {}, CALENDAR, NEW_YEAR, NEW_YEAR) == []
    made_up = {NEW_YEAR: DayPlan(NEW_YEAR, (NOON,))}
    assert len(ruling.plan(every_day, made_up, CALENDAR, NEW_YEAR, NEW_YEAR)) == 4


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"hours": ()}, {"hours"}),
        ({"hours": ((1, time(10), time(8)),)}, {"hours.0"}),
        ({"hours": ((1, time(8), time(8, 20)),)}, {"hours.0"}),
        ({"hours": ((2, time(9), time(11)), (1, *MORNING), (2, time(8), time(9, 30)))}, {"hours.0"}),
        ({"slot_minutes": 0}, {"slot_minutes"}),
        ({"slot_minutes": 5, "hours": ((1, time(0), time(23)),)}, {"slot_minutes"}),
        ({"seats_per_slot": 0, "daily_cap": 0}, {"seats_per_slot", "daily_cap"}),
        ({"town_quotas": {"370402099000": 4, TOWN: 0}}, {"town_quotas.370402099000", f"town_quotas.{TOWN}"}),
        ({"town_quotas": {TOWN: 21}}, {f"town_quotas.{TOWN}"}),
        ({"horizon_days": 181, "lead_minutes": 10081}, {"horizon_days", "lead_minutes"}),
        ({"horizon_days": 1, "lead_minutes": 1440}, {"lead_minutes"}),
    ],
)
def test_everything_that_is_wrong_is_told_at_once(changes: dict[str, object], fields: set[str]) -> None:
    assert wrong(**changes) == fields


def test_stretches_that_touch_are_fine_and_come_in_order() -> None:
    written = draft(hours=((3, time(10), time(11)), (3, time(8), time(10)), (1, *MORNING)))
    rule_drafts.check(written, towns=())
    assert written.rules().hours == {1: (MORNING,), 3: ((time(8), time(10)), (time(10), time(11)))}


def test_a_time_with_one_seat_is_allowed_and_warned_of() -> None:
    assert len(draft(seats_per_slot=1, town_quotas={TOWN: 1}).warnings()) == 2
    assert draft().warnings() == []
