"""The day of a station: who comes, who is here, what was done, and who stands at the door without a booking."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from backend.bookings import arrivals, completion, messages
from backend.db import Database
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, Invalid, NotFound, Problem, TooMany
from tests import booking, day
from tests.booking import A, B
from tests.clock import MovableClock
from tests.people import TOWN, Cast

OTHER_TOWN = "370402002000"


@pytest.fixture
def cast(database: Database, vault: Vault, clock: MovableClock) -> Cast:
    return booking.county(database, vault, clock)


def refused(cast: Cast, who: object, code: str, **options: object) -> str:
    with pytest.raises(Problem) as problem:
        day.check_in(cast, who, code, **options)  # type: ignore[arg-type]
    return problem.value.code


def test_the_sheet_lists_today_and_coming_days_by_time_with_masked_names(cast: Cast) -> None:
    mine, _ = booking.couple(cast)
    first, second = booking.slots(cast)[:2]
    booking.booked(cast, booking.guest(cast, 20), second.id)
    booking.booked(cast, mine, first.id, partner=True)
    booking.hold(cast, booking.guest(cast, 21), first.id)
    nurse = day.nurse(cast)
    assert day.sheet(cast, nurse) == []
    tomorrow = day.sheet(cast, nurse, days=1)
    assert [(visit.seats, visit.status, visit.actions) for visit in tomorrow] == [
        (2, "confirmed", []),
        (1, "confirmed", []),
    ]
    assert [(p.whose, p.name) for p in tomorrow[0].people] == [("booker", "王*"), ("partner", "李*")]


def test_a_past_day_lists_nothing(cast: Cast) -> None:
    nurse, made = day.nurse(cast), booking.booked(cast, booking.guest(cast, 20))
    day.to_the_day(cast)
    day.here(cast, nurse, made)
    assert len(day.sheet(cast, nurse)) == 1
    cast.clock.advance(timedelta(days=1))
    assert day.sheet(cast, nurse, days=-1) == []
    with pytest.raises(NotFound):
        day.complete(cast, nurse, made)


def test_a_companion_is_masked_and_a_walk_in_may_have_no_name(cast: Cast) -> None:
    nurse = day.nurse(cast)
    booking.booked(cast, booking.guest(cast, 20), companion="欧阳小明")
    day.to_the_day(cast)
    day.walk_in(cast, nurse, 2, slot_id=booking.slots(cast, day=cast.clock().date())[0].id)
    names = [[str(person.name) for person in visit.people] for visit in day.sheet(cast, nurse)]
    assert names == [["客*", "欧***"], ["未留姓名", "同来的人"]]


def test_a_station_of_another_place_is_not_found(cast: Cast) -> None:
    with pytest.raises(NotFound):
        day.sheet(cast, day.nurse(cast, "town", OTHER_TOWN), station=A)
    assert day.sheet(cast, day.nurse(cast, "town", TOWN), station=A) == []


def test_checking_in_twice_is_once(cast: Cast) -> None:
    nurse, made = day.nurse(cast), booking.booked(cast, booking.guest(cast, 20))
    day.to_the_day(cast)
    assert day.here(cast, nurse, made) == day.here(cast, nurse, made) == made
    assert booking.load(cast, made).status == "checked_in"


def test_each_wrong_code_has_a_word_of_its_own(cast: Cast) -> None:
    nurse, far = day.nurse(cast), day.nurse(cast, "town", OTHER_TOWN)
    first, second = booking.slots(cast)[:2]
    made = booking.load(cast, booking.booked(cast, booking.guest(cast, 20), first.id))
    assert refused(cast, nurse, made.code) == "other_day"
    booking.reschedule(cast, booking.guest(cast, 20), made.id, second.id)
    held = booking.load(cast, booking.hold(cast, booking.guest(cast, 21)))
    gone = booking.load(cast, booking.booked(cast, booking.guest(cast, 22)))
    booking.cancel(cast, booking.guest(cast, 22), gone.id)
    assert refused(cast, nurse, held.code) == "not_confirmed"
    day.to_the_day(cast)
    assert refused(cast, nurse, "ABCDEFGH") == "unknown_code"
    assert refused(cast, nurse, "ABCDEFGH", sequence=0) == "old_code"
    assert refused(cast, nurse, made.code, sequence=0) == "old_code"
    assert refused(cast, far, made.code) == "other_station"
    assert refused(cast, nurse, made.code, station=B) == "other_station"
    assert refused(cast, nurse, gone.code) == "booking_cancelled"
    day.here(cast, nurse, made.id)
    day.complete(cast, nurse, made.id)
    assert refused(cast, nurse, made.code, sequence=1) == "already_completed"


def test_guessing_codes_ends(cast: Cast) -> None:
    nurse = day.nurse(cast)
    for _ in range(arrivals.TRIES):
        cast.run(arrivals.count_try, vault=cast.vault, nurse=nurse, now=cast.clock())
    with pytest.raises(TooMany):
        cast.run(arrivals.count_try, vault=cast.vault, nurse=nurse, now=cast.clock())
    cast.run(arrivals.count_try, vault=cast.vault, nurse=day.nurse(cast), now=cast.clock())
    cast.clock.advance(arrivals.TRY_WINDOW)
    cast.run(arrivals.count_try, vault=cast.vault, nurse=nurse, now=cast.clock())


def test_a_check_in_can_be_taken_back(cast: Cast) -> None:
    nurse, made = day.nurse(cast), booking.booked(cast, booking.guest(cast, 20))
    day.to_the_day(cast)
    day.here(cast, nurse, made)
    for _ in range(2):
        cast.run(arrivals.undo, nurse=nurse, booking_id=made, now=cast.clock())
    assert booking.load(cast, made).status == "confirmed"
    cast.run(arrivals.check_in_listed, nurse=nurse, booking_id=made, now=cast.clock())
    assert booking.load(cast, made).status == "checked_in"


def test_everything_that_applies_is_written_down_and_the_plan_closes(cast: Cast) -> None:
    mine, _ = booking.couple(cast)
    nurse, made = day.nurse(cast), booking.booked(cast, mine, partner=True)
    day.to_the_day(cast)
    day.here(cast, nurse, made)
    assert day.complete(cast, nurse, made) == day.complete(cast, nurse, made) == made
    written, rows = day.done(cast, made), day.seats(cast, made)
    # The cast's documents: serial 7 is a man's, 8 a woman's.
    assert (len(written["booker"]), len(written["partner"])) == (10, 18)
    assert "ultrasound" in written["partner"]
    assert "ultrasound" not in written["booker"]
    assert all(row.plan_key and row.active_key is None for row in rows.values())
    assert "ultrasound" not in (rows["partner"].items or "")
    with pytest.raises(Conflict) as again:
        booking.hold(cast, mine)
    assert again.value.code == "plan_used"


def test_whoever_did_not_come_keeps_the_plan(cast: Cast) -> None:
    mine, theirs = booking.couple(cast)
    nurse, made = day.nurse(cast), booking.booked(cast, mine, partner=True)
    day.to_the_day(cast)
    day.here(cast, nurse, made)
    day.complete(cast, nurse, made, {"partner": ["blood_count", "urine"], "booker": []})
    assert day.done(cast, made) == {"booker": [], "partner": ["blood_count", "urine"]}
    later = booking.slots(cast)[0].id
    assert booking.load(cast, booking.hold(cast, mine, later)).status == "held"
    with pytest.raises(Conflict) as used:
        booking.hold(cast, theirs, later)
    assert used.value.code in ("plan_used", "already_booked")


@pytest.mark.parametrize(
    ("people", "code"),
    [
        ({"booker": ["horoscope"]}, "unknown_check"),
        ({"partner": ["urine"]}, "unknown_person"),
        ({"booker": []}, "nobody_checked"),
    ],
)
def test_what_cannot_have_been_done_is_refused(cast: Cast, people: dict[str, list[str]], code: str) -> None:
    nurse, made = day.nurse(cast), booking.booked(cast, booking.guest(cast, 20))
    day.to_the_day(cast)
    with pytest.raises(Conflict) as early:
        day.complete(cast, nurse, made)
    assert early.value.code == "not_allowed_now"
    day.here(cast, nurse, made)
    with pytest.raises(Invalid) as wrong:
        day.complete(cast, nurse, made, people)
    assert wrong.value.code == code


def test_a_walk_in_takes_the_slot_that_goes_on(cast: Cast) -> None:
    nurse = day.nurse(cast)
    day.to_the_day(cast)
    cast.clock.advance(timedelta(minutes=10))
    made = booking.load(cast, day.walk_in(cast, nurse, 2, name="客人"))
    assert (made.status, made.starts_at < cast.clock() < made.ends_at) == ("checked_in", True)
    assert booking.slot(cast, made.slot_id).taken == 2
    assert "客" not in (made.companion or "")
    cast.run(arrivals.undo, nurse=nurse, booking_id=made.id, now=cast.clock())
    assert booking.load(cast, made.id).status == "cancelled"
    assert booking.slot(cast, made.slot_id).resting == 2


def test_walk_ins_never_take_a_seat_too_many(cast: Cast) -> None:
    nurse = day.nurse(cast)
    day.to_the_day(cast)
    slots = [day.walk_in(cast, nurse, 2) for _ in range(4)]
    assert len({booking.load(cast, made).slot_id for made in slots}) == 2
    with pytest.raises(Conflict) as full:
        day.walk_in(cast, nurse, 1)
    assert full.value.code == "slot_full"
    later = full.value.extra["alternatives"][0]["slot_id"]  # type: ignore[index]
    day.walk_in(cast, nurse, 1, slot_id=ids.decode(later))
    assert max(booking.taken(cast).values()) == 4


def test_there_is_no_walk_in_when_the_day_is_over(cast: Cast) -> None:
    nurse = day.nurse(cast)
    day.to_the_day(cast, hour=20)
    with pytest.raises(Conflict) as over:
        day.walk_in(cast, nurse)
    assert over.value.code == "closed_today"


def test_the_daily_cap_holds_for_walk_ins(cast: Cast) -> None:
    booking.open_stations(cast, daily_cap=3)
    nurse = day.nurse(cast)
    booking.booked(cast, booking.guest(cast, 20), companion="同伴")
    day.to_the_day(cast)
    with pytest.raises(Conflict):
        day.walk_in(cast, nurse, 2)
    day.walk_in(cast, nurse, 1)


def test_the_checks_are_data(cast: Cast) -> None:
    with cast.db.reading() as session:
        found = completion.checks(session)
    assert len({check.code for check in found}) == 19
    assert [check.code for check in found if check.later] == ["follow_up"]


def test_walk_ins_and_bookings_never_share_a_seat(cast: Cast) -> None:
    nurse, people = day.nurse(cast), [booking.guest(cast, serial) for serial in range(30, 36)]
    day.to_the_day(cast)
    last = booking.slots(cast, day=today(cast.clock()))[-1].id
    got: list[int] = []

    def go(take: Callable[[], int]) -> None:
        with contextlib.suppress(Conflict):
            got.append(take())

    takes = [partial(booking.hold, cast, who, last) for who in people]
    takes += [partial(day.walk_in, cast, nurse, 1, slot_id=last) for _ in people]
    threads = [threading.Thread(target=go, args=(take,)) for take in takes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), booking.slot(cast, last).taken) == (4, 4)


def test_a_mistake_is_put_right_on_the_same_day(cast: Cast) -> None:
    mine, _ = booking.couple(cast)
    nurse, made = day.nurse(cast), booking.booked(cast, mine, partner=True)
    day.to_the_day(cast)
    day.here(cast, nurse, made)
    day.complete(cast, nurse, made)
    for _ in range(2):
        day.complete(cast, nurse, made, {"partner": ["urine"]})
    rows = day.seats(cast, made)
    assert day.done(cast, made) == {"booker": [], "partner": ["urine"]}
    assert (rows["booker"].plan_key, rows["partner"].plan_key is None) == (None, False)
    with cast.db.reading() as session:
        form = completion.form(session, cast.vault, visit=day.sheet(cast, nurse)[0])
    assert [(one.whose, one.ticked, one.away) for one in form] == [("booker", (), True), ("partner", ("urine",), False)]


def test_two_nurses_check_in_once(cast: Cast) -> None:
    nurses, made = [day.nurse(cast) for _ in range(4)], booking.booked(cast, booking.guest(cast, 20))
    day.to_the_day(cast)
    threads = [threading.Thread(target=day.here, args=(cast, nurse, made)) for nurse in nurses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert booking.load(cast, made).status == "checked_in"


def test_only_who_was_checked_is_told(cast: Cast) -> None:
    mine, theirs = booking.couple(cast)
    nurse, made = day.nurse(cast), booking.booked(cast, mine, partner=True)
    day.to_the_day(cast)
    day.here(cast, nurse, made)
    day.complete(cast, nurse, made, {"partner": ["urine"]})
    with cast.db.reading() as session:
        told = messages.facts(
            session, booking_id=made, topic="booking_completed", sequence=0, phone="0632-12345", now=cast.clock()
        )
    assert told is not None
    assert (told.residents, mine in told.residents) == ((theirs,), False)
