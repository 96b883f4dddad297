"""Rules, closures and make-up days: the slots follow, and nobody loses a booking by it."""

from __future__ import annotations

import threading
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.bookings import closures, generation, outlook, rule_changes, stations
from backend.bookings.closures import Days
from backend.bookings.jurisdiction import Administrator, Nurse
from backend.bookings.outlook import Outlook
from backend.bookings.residence import Residence
from backend.bookings.rule_drafts import Draft
from backend.bookings.stations import Profile
from backend.db import Database
from backend.events import journal
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, Invalid, NotFound, Problem, Stale
from backend.models.administration import JournalLine
from backend.models.station import Slot, StationDay, StationRules
from tests import booking
from tests.booking import A
from tests.clock import MovableClock
from tests.people import COUNTY, TOWN, Cast

TUESDAY, SATURDAY = date(2026, 11, 24), date(2026, 11, 28)
NURSE, ELSEWHERE = Nurse(1, "county", COUNTY, "服务站护士岗"), Nurse(2, "town", "370402002000", "护士")
ADMIN = Administrator(3, "county", COUNTY, "系统管理岗")
WEEK = tuple((weekday, time(8), time(10, 30)) for weekday in (1, 2, 3, 4))
PROFILE = Profile("城南服务站", TOWN, "0632-3333333")


@pytest.fixture
def cast(database: Database, vault: Vault, clock: MovableClock) -> Cast:
    return booking.county(database, vault, clock)


def draft(**changes: Any) -> Draft:
    given: dict[str, Any] = {"hours": WEEK, "slot_minutes": 30, "seats_per_slot": 4, "daily_cap": 20}
    return Draft(**{**given, **changes})


def put(cast: Cast, nurse: Nurse = NURSE, expected: int | None = None, **changes: Any) -> generation.Change:
    done: generation.Change = cast.run(
        rule_changes.put,
        calendar=cast.calendar,
        nurse=nurse,
        station=A,
        draft=draft(**changes),
        expected_version=expected,
        now=cast.clock(),
    )
    return done


def close(cast: Cast, first: date, last: date | None = None, nurse: Nurse = NURSE, **more: Any) -> int:
    days = Days(first, last or first, **{"kind": "closed", "reason": "设备检修", **more})
    made: int = cast.run(closures.put, calendar=cast.calendar, nurse=nurse, station=A, days=days, now=cast.clock())
    return made


def take_back(cast: Cast, day: date) -> None:
    cast.run(closures.take_back, calendar=cast.calendar, nurse=NURSE, station=A, day=day, now=cast.clock())


def look(cast: Cast, **changed: Any) -> Outlook:
    with cast.db.reading() as session:
        return outlook.look(session, cast.calendar, station=A, now=cast.clock(), **changed)


def withdrawn(cast: Cast) -> list[int]:
    with cast.db.reading() as session:
        return list(session.scalars(select(Slot.id).where(Slot.withdrawn_at.is_not(None))))


def acts(cast: Cast) -> list[str]:
    with cast.db.reading() as session:
        assert journal.verify(session) == []
        return list(session.scalars(select(JournalLine.act).order_by(JournalLine.sequence)))


def test_the_same_rules_change_nothing_and_keep_their_version(cast: Cast) -> None:
    assert put(cast, expected=1).total == 0
    with cast.db.reading() as session:
        assert session.get_one(StationRules, A).version == 1
    assert acts(cast) == []


def test_a_rule_change_keeps_the_booked_time_and_lists_it(cast: Cast) -> None:
    mine, _ = booking.couple(cast)
    made = booking.load(cast, booking.booked(cast, mine, partner=True))
    later = tuple((weekday, time(13), time(15)) for weekday in (1, 2, 3, 4))
    ahead = look(cast, rules=draft(hours=later).rules())
    assert [(one.code, one.seats, one.since) for one in ahead.hit] == [(made.code, 2, None)]
    done = put(cast, hours=later)
    assert (done.withdrawn, ahead.change) == (1, done)
    after = look(cast)
    assert [(one.code, one.status, one.name_masked) for one in after.hit] == [(made.code, "confirmed", "王*")]
    assert booking.load(cast, made.id).status == "confirmed"
    assert withdrawn(cast) == [made.slot_id]
    assert acts(cast) == ["station.rules"]


def test_rules_that_come_back_bring_the_time_back(cast: Cast) -> None:
    made = booking.load(cast, booking.booked(cast, booking.guest(cast, 20)))
    put(cast, hours=WEEK[2:])
    assert withdrawn(cast) == [made.slot_id]
    put(cast)
    assert withdrawn(cast) == []
    assert look(cast).hit == []


def test_a_closed_day_is_withdrawn_and_taking_it_back_returns_it(cast: Cast) -> None:
    made = booking.load(cast, booking.booked(cast, booking.guest(cast, 20)))
    close(cast, TUESDAY)
    assert booking.slots(cast) == []
    assert [one.code for one in look(cast).hit] == [made.code]
    assert next(one for one in look(cast).days if one.day == TUESDAY).reason == "设备检修"
    take_back(cast, TUESDAY)
    assert [view.left for view in booking.slots(cast)] == [3, 4, 4, 4, 4]
    assert (withdrawn(cast), look(cast).hit) == ([], [])
    assert acts(cast) == ["station.closure", "station.taken_back"]


def test_a_closure_replaces_what_a_day_had_and_a_make_up_day_opens_a_weekend(cast: Cast) -> None:
    close(cast, SATURDAY, kind="open", stretches=((time(9), time(10)),), reason="补上周五")
    assert [view.left for view in booking.slots(cast, day=SATURDAY)] == [4, 4]
    booking.booked(cast, booking.guest(cast, 20), booking.slots(cast, day=SATURDAY)[0].id)
    close(cast, TUESDAY, SATURDAY)
    assert booking.slots(cast, day=SATURDAY) == []
    with cast.db.reading() as session:
        kinds = [(one.first.day, one.kind) for one in closures.coming(session, station=A, now=cast.clock())]
    assert kinds == [(24, "closed"), (25, "closed"), (26, "closed"), (27, "closed"), (28, "closed")]
    assert len(look(cast).hit) == 1


@pytest.mark.parametrize(
    ("days", "field"),
    [
        (Days(date(2026, 11, 22), TUESDAY, "closed", "停电"), "from"),
        (Days(TUESDAY, date(2026, 11, 23), "closed", "停电"), "to"),
        (Days(TUESDAY, date(2027, 11, 24), "closed", "停电"), "to"),
        (Days(date(2028, 1, 1), date(2028, 1, 1), "closed", "停电"), "from"),
        (Days(TUESDAY, TUESDAY, "closed"), "reason"),
        (Days(SATURDAY, SATURDAY, "open"), "hours"),
        (Days(SATURDAY, SATURDAY, "open", "", ((time(8), time(8, 10)),)), "hours.0"),
        (Days(SATURDAY, SATURDAY, "open", "", ((time(8), time(10)), (time(9), time(11)))), "hours"),
    ],
)
def test_days_that_do_not_fit_are_refused(cast: Cast, days: Days, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        cast.run(closures.put, calendar=cast.calendar, nurse=NURSE, station=A, days=days, now=cast.clock())
    assert set(refused.value.errors) == {field}


def test_nothing_to_take_back_is_told(cast: Cast) -> None:
    with pytest.raises(NotFound):
        take_back(cast, TUESDAY)
    close(cast, TUESDAY)
    cast.clock.advance(timedelta(days=3))
    with pytest.raises(Conflict):
        take_back(cast, TUESDAY)


def test_a_capacity_below_what_is_booked_takes_nobodys_seat(cast: Cast) -> None:
    first = booking.slots(cast)[0].id
    people = [booking.booked(cast, booking.guest(cast, serial), first) for serial in (20, 21, 22)]
    put(cast, seats_per_slot=2, daily_cap=2)
    row = booking.slot(cast, first)
    assert (row.capacity, row.taken, row.withdrawn_at) == (2, 3, None)
    found = [(one.booked, one.seats, one.starts_at == row.starts_at) for one in look(cast).crowded]
    assert found == [(3, 2, False), (3, 2, True)]
    assert {booking.load(cast, one).status for one in people} == {"confirmed"}
    with pytest.raises(Conflict):
        booking.hold(cast, booking.guest(cast, 23), booking.slots(cast)[1].id)


def test_a_share_of_a_town_below_what_is_booked_is_listed(cast: Cast) -> None:
    put(cast, town_quotas={TOWN: 4})
    for serial in (20, 21):
        booking.booked(cast, booking.guest(cast, serial), residence=Residence("registered", TOWN))
    put(cast, town_quotas={TOWN: 1})
    assert [(one.town, one.booked, one.seats) for one in look(cast).crowded] == [(TOWN, 2, 1)]


def test_a_shorter_horizon_moves_nobody(cast: Cast) -> None:
    far = date(2026, 12, 15)
    made = booking.load(cast, booking.booked(cast, booking.guest(cast, 20), booking.slots(cast, day=far)[0].id))
    put(cast, horizon_days=7)
    assert (withdrawn(cast), look(cast).hit) == ([], [])
    with cast.db.reading() as session:
        left = session.scalars(select(Slot.id).where(Slot.station == A, Slot.day > date(2026, 12, 2))).all()
    assert left == [made.slot_id]


def test_a_newer_version_is_refused_and_a_nurse_elsewhere_finds_nothing(cast: Cast) -> None:
    put(cast, expected=1, daily_cap=10)
    with pytest.raises(Stale):
        put(cast, expected=1, daily_cap=12)
    for act in (lambda: put(cast, ELSEWHERE), lambda: close(cast, TUESDAY, nurse=ELSEWHERE)):
        with pytest.raises(NotFound):
            act()


def race(*tasks: Any) -> list[str]:
    """Run at once; the codes of what was refused."""
    refused: list[str] = []

    def go(task: Any) -> None:
        try:
            task()
        except Problem as problem:
            refused.append(problem.code)

    threads = [threading.Thread(target=go, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def test_two_makers_at_once_make_each_slot_once(cast: Cast) -> None:
    cast.clock.advance(timedelta(days=7))
    assert race(*[lambda: booking.make_slots(cast, A)] * 4, lambda: put(cast, daily_cap=12)) == []
    with cast.db.reading() as session:
        beginnings = session.scalars(select(Slot.starts_at).where(Slot.station == A)).all()
        caps = set(session.scalars(select(StationDay.cap).where(StationDay.station == A)))
    assert len(set(beginnings)) == len(beginnings)
    assert caps == {12}


def test_of_two_nurses_who_save_at_once_one_looks_again(cast: Cast) -> None:
    assert race(lambda: put(cast, expected=1, daily_cap=10), lambda: put(cast, expected=1, daily_cap=12)) == ["stale"]
    with cast.db.reading() as session:
        row = session.get_one(StationRules, A)
        caps = set(session.scalars(select(StationDay.cap).where(StationDay.station == A)))
    assert (row.version, caps) == (2, {row.daily_cap})


def test_a_hold_that_races_a_closure_is_refused_or_listed(cast: Cast) -> None:
    first = booking.slots(cast)[0].id
    people = [booking.guest(cast, serial) for serial in range(20, 24)]
    refused = race(*[lambda who=who: booking.hold(cast, who, first) for who in people], lambda: close(cast, TUESDAY))
    assert set(refused) <= {"slot_full", "slot_closed", "not_found"}
    assert len(look(cast).hit) == len(people) - len(refused)
    counted = booking.taken(cast)
    assert counted.get(first, 0) == len(people) - len(refused)


def test_a_closed_station_keeps_bookings_and_takes_no_new_ones(cast: Cast) -> None:
    made = booking.load(cast, booking.booked(cast, booking.guest(cast, 20)))
    cast.run(stations.set_active, calendar=cast.calendar, admin=ADMIN, code=A, active=False, now=cast.clock())
    assert booking.slots(cast) == []
    assert booking.load(cast, made.id).status == "confirmed"
    with pytest.raises(Conflict):
        put(cast)
    booking.make_slots(cast, A)
    assert withdrawn(cast) == [made.slot_id]
    cast.run(stations.set_active, calendar=cast.calendar, admin=ADMIN, code=A, active=True, now=cast.clock())
    assert len(booking.slots(cast)) == 5
    assert acts(cast) == ["station.close", "station.reopen"]


def test_a_new_station_opens_with_its_rules(cast: Cast) -> None:
    cast.run(stations.add, admin=ADMIN, code="chengnan", profile=PROFILE, now=cast.clock())
    assert booking.slots(cast, station="chengnan") == []
    cast.run(
        rule_changes.put,
        calendar=cast.calendar,
        nurse=Nurse(4, "town", TOWN, "护士"),
        station="chengnan",
        draft=draft(),
        expected_version=0,
        now=cast.clock(),
    )
    assert len(booking.slots(cast, station="chengnan")) == 5
    with pytest.raises(Conflict):
        cast.run(stations.add, admin=ADMIN, code="chengnan", profile=PROFILE, now=cast.clock())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"phone": "call me"}, "phone"),
        ({"region": "110101001000"}, "region"),
        ({"region": "370402001013"}, "region"),
        ({"fasting_hours": 25}, "fasting_hours"),
        ({"residence_months": -1}, "residence_months"),
    ],
)
def test_a_station_with_wrong_data_is_refused(cast: Cast, changes: dict[str, Any], field: str) -> None:
    values = {name: getattr(PROFILE, name) for name in stations.NAMES}
    with pytest.raises(Invalid) as refused:
        cast.run(stations.add, admin=ADMIN, code="x-1", profile=Profile(**values | changes), now=cast.clock())
    assert set(refused.value.errors) == {field}
