"""Her hand on her reminder: set, change, put off, done, pause, stop, twice and at once, and nobody else's."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.kernel.clock import local
from backend.kernel.errors import Conflict, Invalid, NotFound, Stale
from backend.models.reminder import Reminder
from backend.reminders import cards, service, terms as terms_
from backend.reminders.cards import Card, Wish
from backend.reminders.policy import ReminderStatus, months_after
from backend.reminders.terms import CHANNELS, FILE, load, terms
from backend.runtime import build_runtime
from config.settings import Settings
from tests import reminding
from tests.clock import MovableClock
from tests.people import assemble
from tests.reminding import Woman


@pytest.fixture
def woman(settings: Settings, clock: MovableClock) -> Any:
    at = replace(build_runtime(settings), clock=clock)
    cast = assemble(at.db, at.vault, clock)
    yield Woman(cast, at, cast.resident("李䶮", 8))
    at.db.dispose()
    at.redis.close()


def next_on(card: Card) -> date:
    assert card.next_on is not None
    return card.next_on


def row(woman: Woman) -> Reminder:
    [found] = reminding.rows(woman.at)
    return found


def test_she_sets_it_and_sees_when_it_comes(woman: Woman) -> None:
    with pytest.raises(NotFound):
        woman.mine()
    card = woman.put(woman.day(3), channel="sms", hour=15)
    assert card.next_at == row(woman).due_at
    assert (next_on(card), local(card.next_at).hour) == (woman.day(3), 15)  # type: ignore[arg-type]
    assert (card.status, card.is_open, card.text_version) == ("active", False, terms().text_version)
    assert card.wish == Wish(woman.day(3), "sms", 15, 3)


def test_a_weekend_moves_it_to_monday(woman: Woman) -> None:
    assert next_on(woman.put(woman.day(5))) == woman.day(7)


@pytest.mark.parametrize("days", [-367, 367])
def test_a_first_day_too_far_away_is_refused(woman: Woman, days: int) -> None:
    with pytest.raises(Invalid, match="bad_day"):
        woman.put(woman.day(days))
    assert reminding.rows(woman.at) == []


def test_a_text_she_has_not_seen_is_not_agreed_to(woman: Woman) -> None:
    with pytest.raises(Conflict, match="consent_outdated") as refused:
        woman.put(text_version="2020-01")
    assert refused.value.extra == {"text_version": terms().text_version}
    assert woman.put(text_version=terms().text_version).agreed_on == woman.today


def test_a_newer_text_is_agreed_to_with_the_next_change(woman: Woman, monkeypatch: pytest.MonkeyPatch) -> None:
    woman.put()
    newer = replace(terms(), text_version="2027-01")
    for module in (service, cards, terms_):
        monkeypatch.setattr(module, "terms", lambda: newer)
    woman.wait_until(woman.day(1), 8)
    assert woman.mine().text_version == "2026-11"
    card = woman.put(woman.today)
    assert (card.text_version, card.agreed_on) == ("2027-01", woman.today)


def test_the_same_again_changes_nothing(woman: Woman) -> None:
    first = woman.put()
    before = row(woman)
    assert woman.put() == first
    assert (row(woman).content, row(woman).due_at) == (before.content, before.due_at)


def test_a_stale_change_is_refused(woman: Woman) -> None:
    card = woman.put()
    woman.put(hour=9, expected_version=card.version)
    for stale in (card.version, 99):
        with pytest.raises(Stale):
            woman.put(hour=11, expected_version=stale)
    with pytest.raises(Stale):
        woman.act(service.done, expected_version=card.version)
    assert woman.mine().wish.hour == 9


def test_another_hour_or_channel_keeps_the_day_and_another_first_day_forgets_what_was_done(woman: Woman) -> None:
    woman.put()
    day = next_on(woman.act(service.done))
    card = woman.put(hour=20, channel="wechat")
    assert (next_on(card), card.done_on) == (day, woman.today)
    card = woman.put(woman.day(2))
    assert (next_on(card), card.done_on) == (woman.day(2), None)


def test_done_before_it_is_due_counts_from_that_day(woman: Woman) -> None:
    woman.put(woman.day(8))
    card = woman.act(service.done, on=woman.day(-1))
    assert (card.done_on, next_on(card)) == (woman.day(-1), date(2027, 2, 22))
    assert next_on(woman.act(service.done)) == date(2027, 2, 23)
    assert woman.act(service.done) == woman.mine()


@pytest.mark.parametrize("days", [1, -367])
def test_done_on_a_day_to_come_or_long_past_is_refused(woman: Woman, days: int) -> None:
    woman.put()
    with pytest.raises(Invalid, match="bad_day"):
        woman.act(service.done, on=woman.day(days))


def test_putting_off_what_is_to_come_counts_from_its_day_and_twice_is_once(woman: Woman) -> None:
    woman.put(woman.day(1))
    first = woman.act(service.snooze, days=7)
    assert next_on(first) == woman.day(8)
    assert woman.act(service.snooze, days=7) == first
    assert next_on(woman.act(service.snooze, days=2)) == woman.day(3)


def test_while_it_rests_nothing_is_put_off_and_it_goes_on_where_she_says(woman: Woman) -> None:
    woman.put()
    card = woman.act(service.pause)
    assert (card.status, card.next_at) == (ReminderStatus.PAUSED, None)
    assert woman.act(service.pause) == card
    with pytest.raises(Conflict, match="not_allowed_now"):
        woman.act(service.snooze, days=3)
    woman.wait_until(woman.day(30))
    start = card.wish.start_on
    assert next_on(woman.act(service.resume)) == months_after(start, 3)
    assert woman.act(service.resume).status == ReminderStatus.ACTIVE


def test_done_while_it_rests_leaves_it_resting(woman: Woman) -> None:
    woman.put()
    woman.act(service.pause)
    assert woman.act(service.done).next_at is None
    assert next_on(woman.act(service.resume)) == date(2027, 2, 23)


def test_stopping_deletes_everything_and_twice_is_once(woman: Woman) -> None:
    woman.put()
    woman.stop()
    woman.stop()
    assert reminding.rows(woman.at) == []


def test_the_word_stops_without_an_account_also_what_was_set_anew(woman: Woman) -> None:
    woman.put()
    word = woman.word
    woman.stop()
    woman.put()
    woman.at.db.transact(service.stop, woman.at.reminder_vault, word="0" * 26)
    assert len(reminding.rows(woman.at)) == 1
    woman.at.db.transact(service.stop, woman.at.reminder_vault, word=word)
    woman.at.db.transact(service.stop, woman.at.reminder_vault, word=word)
    assert reminding.rows(woman.at) == []


def test_nobody_reaches_anybody_elses(woman: Woman) -> None:
    mine = woman.put()
    other = Woman(woman.cast, woman.at, woman.cast.resident("王㐂", 7))
    commands: list[tuple[Callable[..., int], dict[str, Any]]] = [
        *((command, {}) for command in (service.done, service.pause, service.resume)),
        (service.snooze, {"days": 1}),
    ]
    for command, arguments in commands:
        with pytest.raises(NotFound):
            other.act(command, **arguments)
    other.stop()
    assert woman.mine() == mine


def test_many_taps_at_once_make_one(woman: Woman) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: woman.put(), range(16)))
    assert len(reminding.rows(woman.at)) == 1
    with ThreadPoolExecutor(8) as pool:
        cards = list(pool.map(lambda _: woman.act(service.snooze, days=7), range(16)))
    assert {next_on(card) for card in cards} == {woman.day(8)}


def test_every_press_at_once_leaves_one_reminder_that_makes_sense(woman: Woman) -> None:
    woman.put()
    acts: list[Callable[[], object]] = [
        lambda: woman.act(service.done),
        lambda: woman.act(service.pause),
        lambda: woman.act(service.resume),
        lambda: woman.put(hour=9),
    ]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: acts[n % 4](), range(24)))
    card = woman.act(service.resume)
    assert (card.done_on, card.wish.hour, next_on(card)) == (woman.today, 9, date(2027, 2, 23))


def test_what_is_stored_has_one_length_whatever_she_chose(woman: Woman) -> None:
    lengths = set()
    for channel in CHANNELS:
        woman.put(channel=channel, every_months=12)
        lengths.add(len(row(woman).content))
        woman.act(service.done)
        woman.act(service.pause)
        lengths.add(len(row(woman).content))
        woman.stop()
    assert len(lengths) == 1


def test_the_row_tells_neither_who_nor_when_it_was_set(woman: Woman) -> None:
    woman.put()
    text = json.dumps({column.key: str(getattr(row(woman), column.key)) for column in Reminder.__table__.columns})
    assert str(woman.id) not in text
    created = row(woman).id >> 22
    now = int(woman.at.clock().timestamp() * 1000) - 1_704_067_200_000
    assert created != now
    assert abs(created - now) < timedelta(days=1) / timedelta(milliseconds=1)


def test_her_copy_tells_everything(woman: Woman) -> None:
    woman.put(channel="sms")
    with woman.at.db.reading() as session:
        [copy] = cards.of_person(session, woman.at.reminder_vault, woman.id)
        assert cards.of_person(session, woman.at.reminder_vault, woman.id + 1) == []
    assert (copy["start_on"], copy["channel"], copy["seen_on"]) == (woman.day(1), "sms", woman.today)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("usual_months = 3", ""),
        ("usual_months = 3", "usual_months = 13"),
        ("first_hour = 8", "first_hour = 7"),
        ("last_hour = 20", "last_hour = 21"),
        ("usual_hour = 10", 'usual_hour = "10"'),
        ("longest_snooze = 14", "longest_snooze = 25"),
        ("longest_snooze = 14", "longest_snoze = 14"),
        ('version = "2026-11"', 'version = ""'),
        ('en = "I agree', 'fr = "I agree'),
    ],
)
def test_terms_that_are_not_complete_are_refused(tmp_path: Path, good: str, bad: str) -> None:
    file, text = tmp_path / "reminders.toml", FILE.read_text(encoding="utf-8")
    assert good in text
    file.write_text(text.replace(good, bad), encoding="utf-8")
    with pytest.raises(ValueError, match=r"reminders\.toml"):
        load(file)
