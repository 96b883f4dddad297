"""Reminders that come: once, in her hour, on a working day, over her channel, whatever clock and processes do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from backend.kernel.clock import SHANGHAI
from backend.kernel.workdays import Calendar
from backend.models.outbox import Outbox
from backend.models.reminder import Reminder
from backend.notifications.wording.discretion import health_words
from backend.notifications.wording.templates import templates
from backend.reminders import content as contents, fanout, service
from backend.reminders.policy import ReminderStatus
from backend.runtime import Runtime, build_runtime
from config.settings import Settings
from tests import reminding
from tests.clock import MovableClock
from tests.people import assemble
from tests.reminding import TOPIC, Woman, work
from workers import drain, registry, reminders
from workers.schedule import SCHEDULE

TUESDAY = date(2026, 11, 24)


@pytest.fixture(params=["mariadb", "sqlite"])
def runtime(request: pytest.FixtureRequest, clock: MovableClock) -> Iterator[Runtime]:
    """Both engines: the sets are written in SQL."""
    name = "settings" if request.param == "mariadb" else "sqlite_settings"
    settings: Settings = request.getfixturevalue(name)
    built = replace(build_runtime(settings, patient=True), clock=clock)
    yield built
    built.db.dispose()
    built.redis.close()


@pytest.fixture
def woman(runtime: Runtime, clock: MovableClock) -> Woman:
    cast = assemble(runtime.db, runtime.vault, clock)
    return Woman(cast, runtime, cast.resident("李䶮", 8))


def test_it_comes_on_its_day_in_her_hour_and_once(woman: Woman) -> None:
    woman.put(TUESDAY, hour=15)
    assert woman.wait_and_work(TUESDAY, 14) == []
    assert len(woman.wait_and_work(TUESDAY, 15)) == 1
    assert len(woman.wait_and_work(TUESDAY, 16)) == 1
    card = woman.mine()
    assert (card.is_open, card.told_on) == (True, TUESDAY)
    assert card.next_at == datetime(2027, 2, 24, 15, tzinfo=SHANGHAI)
    assert len(woman.wait_and_work(date(2027, 2, 24), 15)) == 2


def test_it_names_nothing_and_its_links_work(woman: Woman) -> None:
    woman.put(TUESDAY)
    [card] = woman.wait_and_work(TUESDAY)
    opening, stop = re.findall(r"https?://\S+", card.text)
    assert opening == f"{woman.at.settings.base_url}/reminders/from-a-message"
    for language in templates()["own_reminder"].channels["inbox"].values():
        assert list(health_words("".join(language.values()))) == []
    woman.at.db.transact(service.stop, woman.at.reminder_vault, word=stop.rpartition("/")[2])
    assert reminding.rows(woman.at) == []


def test_work_that_was_left_for_another_plan_is_void(woman: Woman) -> None:
    woman.put(TUESDAY)
    woman.wait_until(TUESDAY)
    reminders.fan_out(woman.at)
    woman.act(service.done)
    work(woman.at)
    assert woman.heard() == []
    assert woman.mine().next_at == datetime(2027, 2, 24, 10, tzinfo=SHANGHAI)


def test_done_before_suppresses_that_round(woman: Woman) -> None:
    woman.put(TUESDAY)
    woman.act(service.done)
    assert woman.wait_and_work(TUESDAY) == []
    assert len(woman.wait_and_work(date(2027, 2, 23))) == 1


def test_what_came_is_put_off_from_today_and_comes_again(woman: Woman) -> None:
    woman.put(TUESDAY)
    woman.wait_and_work(TUESDAY)
    woman.wait_until(date(2026, 11, 26))
    card = woman.act(service.snooze, days=5)
    assert card.next_at == datetime(2026, 12, 1, 10, tzinfo=SHANGHAI)
    assert woman.act(service.snooze, days=5) == card
    assert len(woman.wait_and_work(date(2026, 12, 1))) == 2
    assert woman.mine().next_at == datetime(2027, 2, 24, 10, tzinfo=SHANGHAI)


def test_whoever_stopped_or_rests_hears_nothing(woman: Woman) -> None:
    woman.put(TUESDAY)
    woman.act(service.pause)
    assert woman.wait_and_work(TUESDAY) == []
    woman.act(service.resume)
    woman.wait_until(date(2027, 2, 24))
    reminders.fan_out(woman.at)
    woman.stop()
    work(woman.at)
    assert (woman.heard(), reminding.left(woman.at)) == ([], [])


def test_a_new_reminder_of_the_same_person_comes_again(woman: Woman) -> None:
    woman.put(TUESDAY)
    woman.wait_and_work(TUESDAY)
    woman.stop()
    woman.put(TUESDAY, hour=12)
    assert len(woman.wait_and_work(TUESDAY, 12)) == 2


def test_the_clock_a_day_forward_and_back_doubles_nothing(woman: Woman) -> None:
    woman.put(TUESDAY)
    for day, heard in ((25, 1), (23, 1), (24, 1), (25, 1), (26, 1)):
        assert len(woman.wait_and_work(date(2026, 11, day))) == heard, day
    assert woman.mine().next_at == datetime(2027, 2, 24, 10, tzinfo=SHANGHAI)


def test_the_clock_back_between_finding_and_telling_waits_for_the_day(woman: Woman) -> None:
    woman.put(TUESDAY)
    woman.wait_until(date(2026, 11, 25))
    reminders.fan_out(woman.at)
    assert woman.wait_and_work(date(2026, 11, 23)) == []
    assert len(woman.wait_and_work(TUESDAY)) == 0  # the work itself waits for the moment it was left at
    assert len(woman.wait_and_work(date(2026, 11, 25))) == 1
    assert len(woman.wait_and_work(date(2026, 11, 26))) == 1


def test_by_night_nothing_is_found_and_the_next_morning_waits_for_her_hour(woman: Woman) -> None:
    woman.put(TUESDAY)
    assert woman.wait_and_work(TUESDAY, 22) == []
    assert reminding.left(woman.at) == []
    assert woman.wait_and_work(date(2026, 11, 25), 9) == []
    assert len(woman.wait_and_work(date(2026, 11, 25), 10)) == 1


def test_a_day_off_announced_meanwhile_moves_it(woman: Woman, monkeypatch: pytest.MonkeyPatch) -> None:
    woman.put(TUESDAY)
    off = Calendar(frozenset({TUESDAY}), frozenset(), frozenset({2026}))
    monkeypatch.setattr(type(woman.at.calendars), "current", off)
    assert woman.wait_and_work(TUESDAY) == []
    assert len(woman.wait_and_work(date(2026, 11, 25))) == 1


def test_two_years_without_a_sign_of_life_end_it_with_a_word(woman: Woman) -> None:
    woman.put(TUESDAY, every_months=12)
    for day in (TUESDAY, date(2027, 11, 24)):
        woman.wait_and_work(day)
    last = woman.wait_and_work(date(2028, 11, 24))[0]
    assert "停了" in last.title
    assert reminding.rows(woman.at) == []
    assert len(woman.wait_and_work(date(2029, 11, 26))) == 3


def test_looking_at_it_is_a_sign_of_life(woman: Woman) -> None:
    woman.put(TUESDAY, every_months=12)
    woman.wait_until(date(2027, 11, 1))
    woman.at.db.transact(service.seen, book=woman.book, resident_id=woman.id)
    for day in (date(2027, 11, 24), date(2028, 11, 24)):
        woman.wait_and_work(day)
    assert len(reminding.rows(woman.at)) == 1


def test_what_rests_for_two_years_ends_too(woman: Woman) -> None:
    woman.put(TUESDAY)
    woman.act(service.pause)
    assert woman.wait_and_work(date(2028, 11, 22)) == []
    [last] = woman.wait_and_work(date(2028, 11, 23))
    assert "停了" in last.title
    assert reminding.rows(woman.at) == []


def many(woman: Woman, number: int) -> list[Woman]:
    found = [Woman(woman.cast, woman.at, woman.cast.resident(f"王{chr(0x4E00 + n)}", 100 + n)) for n in range(number)]
    for n, one in enumerate(found):
        one.put(TUESDAY, hour=9 + n % 2)
    return found


def sweep(runtime: Runtime, batch: int) -> int:
    """All batches; how many there were."""
    place, turns = None, 0
    while True:
        place = runtime.db.transact(fanout.fan_out, now=runtime.clock(), after=place, batch=batch)
        turns += 1
        if place is None:
            return turns


def test_every_due_row_is_found_once_across_batches(woman: Woman) -> None:
    women = many(woman, 11)
    woman.wait_until(TUESDAY)
    assert sweep(woman.at, 3) == 4
    assert sorted(row.subject_id for row in reminding.left(woman.at)) == sorted(
        row.id for row in reminding.rows(woman.at)
    )
    sweep(woman.at, 3)
    drain.drain(woman.at, TOPIC, go_on=lambda: True)
    assert [len(one.heard()) for one in women] == [1] * 11


def test_two_schedulers_at_once_double_nothing(woman: Woman) -> None:
    women = many(woman, 12)
    woman.wait_until(TUESDAY)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: sweep(woman.at, 5), range(4)))
    assert len(reminding.left(woman.at)) == 12
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: work(woman.at), range(3)))
    assert [len(one.heard()) for one in women] == [1] * 12
    assert reminding.left(woman.at) == []


def test_a_batch_that_was_cut_off_leaves_all_of_it_due(woman: Woman, monkeypatch: pytest.MonkeyPatch) -> None:
    many(woman, 4)
    woman.wait_until(TUESDAY)
    before = sorted(row.due_at for row in reminding.rows(woman.at))
    monkeypatch.setattr(fanout, "_work", lambda mark, now: (_ for _ in ()).throw(RuntimeError("killed")))
    with pytest.raises(RuntimeError):
        sweep(woman.at, 3)
    assert sorted(row.due_at for row in reminding.rows(woman.at)) == before
    monkeypatch.undo()
    sweep(woman.at, 3)
    assert len(reminding.left(woman.at)) == 4


def test_work_whose_worker_died_is_done_by_the_next(woman: Woman) -> None:
    woman.put(TUESDAY)
    woman.wait_until(TUESDAY)
    reminders.fan_out(woman.at)
    assert len(reminding.lease(woman.at)) == 1
    drain.drain(woman.at, TOPIC, go_on=lambda: True)
    assert len(woman.heard()) == 1


def test_dead_work_is_buried_and_left_again_a_day_later(woman: Woman) -> None:
    woman.put(TUESDAY)
    woman.wait_until(TUESDAY)
    reminders.fan_out(woman.at)
    woman.at.db.transact(reminding.kill)
    assert woman.wait_and_work(TUESDAY, 11) == []
    assert reminding.left(woman.at) == []
    assert len(woman.wait_and_work(date(2026, 11, 25), 11)) == 1
    assert woman.mine().next_at == datetime(2027, 2, 24, 10, tzinfo=SHANGHAI)


@pytest.mark.parametrize("runtime", ["mariadb"], indirect=True)
def test_a_million_due_at_one_moment_do_not_look_at_each_other(woman: Woman) -> None:
    """Each batch begins where the last one ended: MariaDB reads the range from the index and filters nothing."""
    many(woman, 8)
    woman.wait_until(TUESDAY)
    place = fanout.Place(datetime(2026, 11, 24, 1, tzinfo=SHANGHAI), 5)
    found = select(Reminder.id).where(*fanout._range(place, fanout.Place(woman.at.clock(), 9)))
    query = found.compile(woman.at.db.engine, compile_kwargs={"literal_binds": True})
    with woman.at.db.reading() as session:
        [plan] = session.connection().exec_driver_sql(f"EXPLAIN {query}").mappings().all()
    assert (plan["type"], plan["key"]) == ("range", "ix_reminder_due_at_id")


@pytest.mark.parametrize(("channel", "sent"), [("inbox", []), ("sms", ["sms"]), ("wechat", [])])
def test_it_goes_out_over_the_channel_she_chose_and_no_other(woman: Woman, channel: str, sent: list[str]) -> None:
    woman.put(TUESDAY, channel=channel)
    woman.wait_and_work(TUESDAY)
    rows = reminding.deliveries(woman.at)
    assert [(row.channel, row.then, row.resident_id) for row in rows] == [(name, "", woman.id) for name in sent]
    assert [row.not_after for row in rows] == [woman.at.clock() + timedelta(days=3)] * len(rows)


def test_once_it_has_gone_out_nothing_is_left_beside_the_account(woman: Woman) -> None:
    woman.put(TUESDAY, channel="sms")
    woman.wait_and_work(TUESDAY)
    drain.drain(woman.at, registry.TOPICS["send_sms"], go_on=lambda: True)
    sent = (woman.at.settings.data_dir / "messages.jsonl").read_text(encoding="utf-8")
    [link] = set(re.findall(r"不再要： \S+/reminders/stop/([a-z]+)\b", sent))
    assert ("13800000008" in sent, link) == (True, contents.word(woman.at.reminder_vault, woman.id))
    assert reminding.deliveries(woman.at) == []
    assert reminding.rows(woman.at, Outbox) == []


def test_stopping_takes_back_what_waits_to_go_out(woman: Woman) -> None:
    woman.put(TUESDAY, channel="sms")
    woman.wait_and_work(TUESDAY)
    woman.stop()
    assert reminding.deliveries(woman.at) == []
    drain.drain(woman.at, registry.TOPICS["send_sms"], go_on=lambda: True)
    assert not (woman.at.settings.data_dir / "messages.jsonl").exists()


def test_the_sweep_is_declared_and_tells_no_number(woman: Woman) -> None:
    assert "own_dates" in {work.name for work in SCHEDULE}
    woman.put(TUESDAY)
    woman.wait_until(TUESDAY)
    assert reminders.fan_out(woman.at) == 0


def test_resting_shows_no_next_day(woman: Woman) -> None:
    woman.put(TUESDAY)
    card = woman.act(service.pause)
    assert (card.status, card.next_at, card.actions) == (
        ReminderStatus.PAUSED,
        None,
        ("resume", "done", "change", "stop"),
    )
