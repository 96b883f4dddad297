"""The slow lane's ticket, and the gauges that make work heavier and forget within minutes."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from backend.kernel.clock import SHANGHAI
from backend.kernel.errors import Forbidden, TooMany, Unavailable
from backend.tips import pressure, tickets, work
from backend.tips.pressure import Pressure

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
DAY = NOW.date()
KEYS = {DAY: b"k" * 32, DAY - timedelta(days=1): b"o" * 32}
RIPE = NOW + timedelta(seconds=30)


class Ticks:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


def refused(ticket: object, now: datetime = RIPE, keys: dict[date, bytes] = KEYS) -> str:
    with pytest.raises(Forbidden) as caught:
        tickets.read(ticket, keys=keys.get, now=now)
    return f"{caught.value.code} {caught.value.title}"


def read(ticket: str, now: datetime = RIPE) -> tickets.Ticket:
    return tickets.read(ticket, keys=KEYS.get, now=now)


def test_a_ticket_is_good_after_half_a_minute() -> None:
    ticket = tickets.issue(KEYS[DAY], now=NOW)
    found = read(ticket)
    tickets.ripen(found, now=RIPE)
    assert (found.day, len(ticket), len(found.as_pass.digest)) == (DAY, tickets.LENGTH, 64)
    assert read(ticket, RIPE + timedelta(hours=1)).as_pass == found.as_pass
    assert found.as_word != found.as_pass != read(tickets.issue(KEYS[DAY], now=NOW)).as_pass


def test_a_ticket_that_comes_early_says_how_many_seconds_are_left() -> None:
    now = NOW + timedelta(seconds=18, milliseconds=400)
    found = read(tickets.issue(KEYS[DAY], now=NOW), now)
    with pytest.raises(TooMany) as early:
        tickets.ripen(found, now=now)
    assert (early.value.code, early.value.retry_after) == ("too_early", 12)
    assert "12 秒" in str(early.value.title)


def test_a_ticket_is_good_until_the_next_day_ends() -> None:
    ticket = tickets.issue(KEYS[DAY], now=NOW)
    end = datetime(2026, 11, 24, 23, 59, 59, tzinfo=SHANGHAI)
    assert read(ticket, end).day == DAY
    refused(ticket, now=end + timedelta(seconds=1))
    refused(ticket, keys={})


def test_a_wrong_ticket_gets_the_words_of_wrong_work() -> None:
    ticket = tickets.issue(KEYS[DAY], now=NOW)
    turned = ticket[:-1] + ("A" if ticket[-1] != "A" else "B")
    foreign = tickets.issue(b"x" * 32, now=NOW)
    wrong = [None, "", 7, turned, foreign, ticket + "A", ticket[:-4], "票" * 48, "!" * 48, " " * 48]
    assert {refused(each) for each in wrong} == {f"work_refused {work.refused().title}"}


def test_a_ticket_tells_no_time() -> None:
    one, later = (tickets.issue(KEYS[DAY], now=NOW + timedelta(hours=n)) for n in (0, 5))
    assert one[:8] != tickets.issue(KEYS[DAY], now=NOW)[:8]
    assert len(one) == len(later)
    assert len(set(one) - set(later)) > 3


def test_quiet_asks_for_light_work_and_none_for_a_mailbox(ticks: Ticks) -> None:
    gauge = Pressure(ticks)
    for _ in range(30):
        gauge.costs()
        gauge.opened()
        ticks.now += 2
    assert gauge.level() == 1
    assert not gauge.work_wanted()


def test_a_flood_of_reports_makes_work_heavier_for_all_and_passes(ticks: Ticks) -> None:
    gauge = Pressure(ticks)
    seen = []
    for _ in range(3000):
        gauge.costs()
        seen.append(gauge.level())
    assert list(dict.fromkeys(seen)) == list(work.LEVELS)
    assert gauge.level("12345678") == gauge.level("87654321") == 20
    ticks.now += 5 * 60
    assert gauge.level() == 1


def test_many_openings_ask_everybody_for_work_and_pass(ticks: Ticks) -> None:
    gauge = Pressure(ticks)
    for _ in range(1500):
        gauge.opened()
        ticks.now += 0.01
    assert gauge.work_wanted()
    assert gauge.level() == 1  # tries that were refused make nobody's work heavier
    ticks.now += 60
    assert not gauge.work_wanted()


def test_a_crowd_at_the_derivation_asks_everybody_for_work(ticks: Ticks) -> None:
    inside = [pressure.CROWD - 1]
    gauge = Pressure(ticks, lambda: inside[0])
    for _ in range(100):
        gauge.opened()
    assert not gauge.work_wanted()
    inside[0] += 1
    for _ in range(2 * pressure.CROWDS):
        gauge.opened()
    assert gauge.work_wanted()
    ticks.now += 60
    assert not gauge.work_wanted()


def test_failures_make_one_mailbox_heavier_and_are_forgotten(ticks: Ticks) -> None:
    gauge = Pressure(ticks)
    for _ in range(60):
        gauge.failed("12345678")
    assert (gauge.level("12345678"), gauge.level("12345679"), gauge.level()) == (5, 1, 1)
    assert not gauge.work_wanted()
    ticks.now += 16 * 60
    assert gauge.level("12345678") == 1
    gauge.failed("1")
    assert len(gauge._failures) == 1


def test_failures_take_bounded_room(ticks: Ticks) -> None:
    gauge = Pressure(ticks)
    for number in range(pressure.MAILBOXES + 100):
        gauge.failed(f"{number:08}")
    assert len(gauge._failures) == pressure.MAILBOXES
    assert not any(b"0000" in key for key in gauge._failures)


def test_the_slow_lane_is_bounded_a_minute(ticks: Ticks) -> None:
    gauge = Pressure(ticks)
    for _ in range(pressure.SLOW):
        gauge.slow_lane()
        ticks.now += 1
    with pytest.raises(Unavailable) as full:
        gauge.slow_lane()
    assert (full.value.code, full.value.retry_after) == ("slow_lane_full", 30)
    ticks.now += 30.1
    gauge.slow_lane()
