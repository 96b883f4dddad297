"""What the pages of the tip line promise is what holds for this report today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from backend.models.tip import Tip
from backend.tips import counting
from config.settings import Settings
from tests.clock import MovableClock
from tests.h5.reporter import Reporter
from tests.tip_line import TipLine

LATER, PAST = timedelta(days=3), timedelta(days=-1)


@pytest.fixture
def reporter(sqlite_settings: Settings, clock: MovableClock) -> Iterator[Reporter]:
    found = TipLine(sqlite_settings, clock)
    yield Reporter(found, clock)
    found.at.db.dispose()


def stands(reporter: Reporter, **values: Any) -> None:
    """Put the one tip where it is to be; ``timedelta``: from today."""
    at = reporter.line.at
    days = {name: at.today + value if isinstance(value, timedelta) else value for name, value in values.items()}
    at.db.transact(lambda session: session.execute(update(Tip).values(**days)))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"status": "received"}, "一起送到核查的人手里"),
        ({"acknowledge_by": LATER, "answer_by": LATER}, "已经送到核查的人手里，最晚"),
        ({"acknowledge_by": PAST, "answer_by": LATER}, "前有人看，晚了"),
        ({"acknowledge_by": PAST, "acknowledged_on": PAST, "answer_by": LATER}, "核查的人看过了，在查。最晚"),
        ({"status": "verifying", "acknowledge_by": PAST, "acknowledged_on": PAST, "answer_by": PAST}, "前答复您，晚了"),
    ],
)
def test_next_step_promises_only_days_that_are_to_come(reporter: Reporter, values: dict[str, Any], said: str) -> None:
    code = reporter.file()
    stands(reporter, **values)
    assert said in reporter.open(code)
    assert "） " not in reporter.seen


@pytest.mark.parametrize(("status", "destroys"), [("verifying", True), ("substantiated", False)])
def test_withdrawal_says_what_it_means_for_this_report(reporter: Reporter, status: str, destroys: bool) -> None:
    code = reporter.file()
    stands(reporter, status=status)
    reporter.open(code)
    page = reporter.post("/tips/inbox/withdrawal")
    assert ("马上销毁" in page, "依法要留着" in page) == (destroys, not destroys)
    done = reporter.post("/tips/inbox/withdrawal")
    assert ("谁也打不开了" in done, "依法要留着" in done) == (destroys, not destroys)


def test_past_years_are_told_from_five_on(reporter: Reporter) -> None:
    at, last = reporter.line.at, reporter.line.at.today.year - 1
    assert "往年办成什么样" not in reporter.get("/tips")
    for _ in range(counting.LEAST):
        at.db.transact(counting.add, county=at.line.county, year=last, outcome="substantiated")
    at.db.transact(counting.add, county=at.line.county, year=last, outcome="unsubstantiated")
    page = reporter.get("/tips")
    assert (f"{last} 年查实了：5 件" in page, "没有查实" in page) == (True, False)
