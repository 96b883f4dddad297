"""Stations side by side, the month of one, the slots of a day: words and whole sentences, open to anyone."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest
from flask import Flask

from backend.models.station import Station, StationException, StationRules
from tests import booking
from tests.clock import MovableClock
from tests.h5.booker import DEMO, open_county, page_of, tomorrow
from tests.h5.phone import Phone
from tests.h5.test_assets import KB, weight
from tests.h5.test_pages_render import CHOICES, sound
from tests.people import Cast

TAGS = re.compile(r"<[^>]+>")
DAY = re.compile(r'<li class="(free|few|full|shut|past|later)">(.*?)</li>', re.S)


@pytest.fixture
def cast(app: Flask, clock: MovableClock) -> Cast:
    return open_county(app, clock)


def days(page: str) -> dict[str, tuple[str, bool]]:
    """What a screen reader says of each day → its state and whether it leads somewhere."""
    found = {}
    for state, inside in DAY.findall(page):
        said = TAGS.sub("", re.sub(r'<(b|small) aria-hidden="true">.*?</\1>', "", inside))
        found[unescape(said)] = (state, "<a " in inside)
    return found


def fill(cast: Cast, day: date, seats: int) -> None:
    """So many guests on the slots of a day."""
    free = [view.id for view in booking.slots(cast, day=day) for _seat in range(view.left)]
    for serial, slot in enumerate(free[:seats], start=100 + len(cast.residents)):
        booking.hold(cast, booking.guest(cast, serial), slot)


def test_stations_stand_side_by_side_for_anyone(stranger: Phone, cast: Cast) -> None:
    page = stranger.page("/checkup")
    assert page.index("演示服务站甲") < page.index("演示服务站乙")
    assert page.count("最近有号：11 月 24 日（周二）") + page.count("最近有号：11 月 23 日（周一）") == 2
    assert page.count('<ol class="cal"') == 2
    assert "各塔埠街道" in page


def test_the_chosen_town_brings_its_station_first_and_is_kept(stranger: Phone, cast: Cast) -> None:
    chosen = stranger.page("/checkup?town=370402002000")
    again = stranger.page("/checkup")
    assert [page.index("演示服务站乙") < page.index("演示服务站甲") for page in (chosen, again)] == [True, True]
    assert stranger.page("/checkup?town=x'\"").index("演示服务站甲") > 0


def test_each_day_is_a_word_a_shape_and_a_sentence(stranger: Phone, cast: Cast) -> None:
    fill(cast, date(2026, 11, 24), 17)
    fill(cast, date(2026, 11, 25), 20)
    said = days(stranger.page(f"/checkup/{DEMO}?month=2026-11"))
    assert said["11 月 24 日（周二）, 只余 3 位"] == ("few", True)
    assert said["11 月 25 日（周三）, 约满了"] == ("full", True)
    assert said["11 月 26 日（周四）, 余 20 位"] == ("free", True)
    assert said["11 月 27 日（周五）, 不开门"] == ("shut", False)
    later = days(stranger.page(f"/checkup/{DEMO}?month=2026-12"))
    assert later["12 月 28 日（周一）, 还没放号"] == ("later", False)


def test_the_next_free_day_is_one_tap_away(stranger: Phone, cast: Cast) -> None:
    fill(cast, date(2026, 11, 25), 20)
    page = stranger.page(f"/checkup/{DEMO}/2026-11-24")
    assert "下一个有号的日子：11 月 26 日（周四）" in page
    assert f'href="/checkup/{DEMO}/2026-11-26#slots"' in page


def test_where_the_open_day_has_room_its_slots_come_first(stranger: Phone, cast: Cast) -> None:
    fill(cast, date(2026, 11, 25), 20)
    free, full = (stranger.page(f"/checkup/{DEMO}/2026-11-{day}") for day in (24, 25))
    assert free.index('id="slots"') < free.index("下一个有号的日子")
    assert full.index("下一个有号的日子") < full.index('id="slots"')
    assert ["排候补" in page for page in (full, stranger.page(f"/checkup/{DEMO}?month=2026-12"))] == [True, False]


def test_months_before_today_and_beyond_the_release_lead_nowhere(stranger: Phone, cast: Cast) -> None:
    this, following = (stranger.page(f"/checkup/{DEMO}?month={month}") for month in ("2026-11", "2026-12"))
    assert ("上个月" in this, "下个月" in this) == (False, True)
    assert ("上个月" in following, "下个月" in following) == (True, False)


def test_slots_say_whether_they_hold_two(stranger: Phone, cast: Cast) -> None:
    fill(cast, tomorrow(cast), 7)
    page = stranger.page(f"/checkup/{DEMO}/{tomorrow(cast)}")
    assert page.count("可约两人") == 3
    assert page.count("只够一人") == 1
    assert "约满了" in page
    assert "约 09:00，我和爱人" in page


def test_when_only_one_seat_is_left_the_action_says_so(stranger: Phone, cast: Cast) -> None:
    fill(cast, tomorrow(cast), 19)
    assert "约 10:00，一个人" in stranger.page(f"/checkup/{DEMO}/{tomorrow(cast)}")


def test_a_closed_day_and_a_station_without_rules_say_so(stranger: Phone, cast: Cast) -> None:
    assert "这一天约不了" in stranger.page(f"/checkup/{DEMO}/2026-11-27")
    cast.run(lambda session: session.delete(session.get(StationRules, booking.B)))
    assert stranger.get("/checkup/demo-b").status_code == 200


def test_a_closure_empties_its_day(stranger: Phone, cast: Cast) -> None:
    closed = StationException(id=1, station=DEMO, day=tomorrow(cast), kind="closed", hours=[], reason="设备检修")
    cast.run(lambda session: session.add(closed))
    booking.make_slots(cast, DEMO)
    said = days(stranger.page(f"/checkup/{DEMO}?month=2026-11"))
    assert said["11 月 24 日（周二）, 不开门"] == ("shut", False)


@pytest.mark.parametrize(
    "day", ["2026-13-01", "20261124", "２０２６-11-24", "9999-12-31", "0001-01-01", "x", "2026-11-24'"]
)
def test_what_is_no_day_is_404(stranger: Phone, cast: Cast, day: str) -> None:
    assert stranger.get(f"/checkup/{DEMO}/{day}").status_code == 404
    assert stranger.get(f"/checkup/{DEMO}?month={day[:7]}x").status_code == 404


def test_an_unknown_or_closed_station_is_404(stranger: Phone, cast: Cast) -> None:
    cast.run(lambda session: setattr(session.get(Station, booking.B), "active", False))
    assert {stranger.get(f"/checkup/{code}").status_code for code in ("nowhere", "demo-b")} == {404}
    assert "演示服务站乙" not in stranger.page("/checkup")


@pytest.mark.parametrize("choice", CHOICES, ids=("zh", "en", "care"))
def test_open_pages_are_sound(stranger: Phone, cast: Cast, choice: dict[str, str]) -> None:
    for name, value in choice.items():
        stranger.choose(name, value)
    paths = ("/checkup", f"/checkup/{DEMO}", f"/checkup/{DEMO}/{tomorrow(cast)}", f"/checkup/{DEMO}/2026-11-27")
    assert [path for path in paths if not sound(stranger.page(path))] == []


def test_a_slot_asks_a_stranger_to_sign_in_and_comes_back(stranger: Phone, cast: Cast) -> None:
    page = stranger.page(f"/checkup/{DEMO}/{tomorrow(cast)}")
    slot = re.search(r'href="(/checkup/slots/[^"]+)"', page)
    assert slot
    answer = stranger.get(slot[1])
    assert answer.status_code == 303
    assert answer.location.endswith(f"/login?next={slot[1]}")


def test_another_time_is_looked_for_with_the_old_one_kept(phone: Phone, cast: Cast) -> None:
    made = booking.booked(cast, cast.resident("王㐂", 7))
    page = phone.page(f"/checkup/{DEMO}?change={page_of(made).rsplit('/', 1)[1]}")
    assert "正在改期" in page
    assert "您现在约的就是这个时间" in phone.page(f"/checkup/{DEMO}/{tomorrow(cast)}?change={page_of(made)[10:]}")
    assert f'href="{page_of(made, "/reschedule?slot=")}' in page


def test_nobody_moves_the_booking_of_another(stranger: Phone, phone: Phone, cast: Cast) -> None:
    theirs = page_of(booking.booked(cast, cast.resident("客", 77)))[10:]
    assert phone.get(f"/checkup/{DEMO}?change={theirs}").status_code == 404
    assert phone.get(f"/checkup/{DEMO}?change=x").status_code == 404
    assert stranger.get(f"/checkup/{DEMO}?change={theirs}").status_code == 303


def test_a_month_is_light(stranger: Phone, cast: Cast) -> None:
    first, second = weight(stranger, f"/checkup/{DEMO}?month=2026-12")
    assert first <= 45 * KB
    assert second <= 6 * KB


def test_far_days_are_not_asked_of_the_database(stranger: Phone, cast: Cast) -> None:
    far = tomorrow(cast) + timedelta(days=500)
    assert stranger.get(f"/checkup/{DEMO}/{far}").status_code == 404
