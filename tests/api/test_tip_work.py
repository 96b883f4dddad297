"""The door of the tip line: work before content, good once, and never a locked door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from backend.models.tip import DayKey, Used
from backend.tips import days, pressure
from backend.tips.pressure import Pressure
from config.settings import Settings
from tests.clock import MovableClock
from tests.tip_line import REPORT, TipLine
from tests.tipping import solve

DAY = timedelta(days=1)


@pytest.fixture(params=["settings", "sqlite_settings"], ids=["mariadb", "sqlite"])
def both(request: pytest.FixtureRequest, clock: MovableClock) -> Iterator[TipLine]:
    found = TipLine(request.getfixturevalue(request.param), clock)
    yield found
    found.at.db.dispose()


@pytest.fixture
def line(sqlite_settings: Settings, clock: MovableClock) -> Iterator[TipLine]:
    found = TipLine(sqlite_settings, clock)
    yield found
    found.at.db.dispose()


def rows(line: TipLine, model: Any) -> int:
    with line.at.db.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_work_is_good_once_among_twenty_at_a_time(both: TipLine) -> None:
    altcha = solve(both.challenge())
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: both.file(altcha=altcha), range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 403: 19}
    assert {answer.json["code"] for answer in answers if answer.status_code == 403} == {"work_refused"}
    assert (both.tips(), rows(both, Used)) == (1, 1)


def test_every_wrong_work_gets_the_same_answer_before_the_content_is_looked_at(line: TipLine) -> None:
    used = solve(line.challenge())
    assert line.file(altcha=used).status_code == 201
    forged = used[:-8] + "AAAA" + used[-4:]
    answers = [line.file(altcha=one) for one in (used, forged, "", None, 7, {"a": 1}, "x" * 5000)]
    answers += [line.post(), line.post(altcha=used, text=7), line.client.post("/api/v1/tips", json={})]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.data for answer in answers}) == 1
    assert line.tips() == 1


def test_work_is_used_up_by_a_report_that_is_taken_and_by_nothing_else(line: TipLine) -> None:
    altcha = solve(line.challenge())
    assert line.file(altcha=altcha, text="").status_code == 422
    assert line.file(altcha=altcha, category="neighbour").status_code == 422
    assert line.file(altcha=altcha).status_code == 201
    assert line.file(altcha=altcha).status_code == 403


def test_work_is_good_until_the_next_day_ends(line: TipLine, clock: MovableClock) -> None:
    one, two = solve(line.challenge()), solve(line.challenge())
    clock.advance(DAY)
    assert line.file(altcha=one).status_code == 201
    clock.advance(DAY)
    assert line.file(altcha=two).status_code == 403


def test_keys_of_old_days_and_what_was_used_are_destroyed(line: TipLine, clock: MovableClock) -> None:
    altcha = solve(line.challenge())
    line.file(altcha=altcha)
    for day in range(3):
        line.at.db.transact(days.forget, today=line.at.today)
        assert (rows(line, DayKey), rows(line, Used)) == (1 if day < 2 else 0, 1 if day < 2 else 0)
        clock.advance(DAY)
    clock.now -= 3 * DAY
    line.at.days._known.clear()
    assert line.file(altcha=altcha).status_code == 403  # nobody makes that key again


def test_a_challenge_tells_the_day_and_no_time(line: TipLine, clock: MovableClock) -> None:
    morning = line.challenge()["salt"]
    clock.advance(timedelta(hours=9, minutes=17))
    assert line.challenge()["salt"][24:] == morning[24:]
    answer = line.client.get("/api/v1/tips/challenge")
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


class Load(Pressure):
    """A gauge that a test sets."""

    wanted, heavy = False, 1

    def work_wanted(self) -> bool:
        return self.wanted

    def level(self, locator: str | None = None) -> int:
        return self.heavy


@pytest.fixture
def load(sqlite_settings: Settings, clock: MovableClock) -> Iterator[tuple[TipLine, Load, str]]:
    gauge = Load()
    found = TipLine(sqlite_settings, clock, gauge)
    code = found.file().json["receipt_code"]
    gauge.wanted = True
    yield found, gauge, code
    found.at.db.dispose()


def test_under_load_everyone_works_before_a_mailbox_opens(load: tuple[TipLine, Load, str]) -> None:
    line, _, code = load
    right, wrong = (line.post("/inbox", receipt_code=each) for each in (code, "1" * 28))
    assert (right.status_code, wrong.status_code) == (429, 429)
    assert right.json["code"] == "work_required"
    assert len(right.data) == len(wrong.data)
    altcha = solve(right.json["challenge"])
    assert line.post("/inbox", receipt_code=code, altcha=altcha).json["status"] == "received"
    again = line.post("/inbox", receipt_code=code, altcha=altcha)
    assert (again.status_code, again.json["code"]) == (403, "work_refused")
    missed = line.post("/inbox", receipt_code="1" * 28, altcha=solve(wrong.json["challenge"]))
    assert (missed.status_code, missed.json["code"]) == (404, "tip_not_found")


def test_under_load_forged_work_is_refused_and_light_work_asked_for_more(load: tuple[TipLine, Load, str]) -> None:
    line, gauge, code = load
    light = solve(line.challenge())
    assert line.post("/inbox", receipt_code=code, altcha="x").status_code == 403
    gauge.heavy = 5
    more = line.post("/inbox", receipt_code=code, altcha=light)
    assert (more.status_code, more.json["challenge"]["maxnumber"]) == (429, 500_000)
    gauge.wanted = False
    assert line.post("/inbox", receipt_code=code, altcha=light).status_code == 200  # quiet: nothing is looked at
    assert line.file(altcha=light).status_code == 201  # and it was not used up


def test_a_flood_of_openings_turns_on_work_and_no_lock(line: TipLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pressure, "MANY_OPENINGS", 30.0)
    code = line.file().json["receipt_code"]
    seen = [line.post("/inbox", receipt_code="7" * 28).status_code for _ in range(12)]
    assert (seen[0], seen[-1]) == (404, 429)
    asked = line.post("/inbox", receipt_code=code).json["challenge"]
    assert line.post("/inbox", receipt_code=code, altcha=solve(asked)).status_code == 200


def test_rubbish_makes_nobody_work_harder(line: TipLine) -> None:
    for _ in range(200):
        assert line.post(**REPORT, altcha="rubbish").status_code == 403
    assert line.challenge()["maxnumber"] == 100_000


def test_nothing_of_the_door_is_counted_by_person(line: TipLine) -> None:
    for number in range(3):
        line.client.get("/api/v1/tips/challenge", environ_overrides={"REMOTE_ADDR": f"10.0.0.{number}"})
        line.post("/inbox", receipt_code=f"{number}" * 28)
    kept = repr([getattr(line.at.pressure, name) for name in vars(line.at.pressure)])
    assert "10.0.0" not in kept
    assert "00000000" not in kept
