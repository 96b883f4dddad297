"""Calendars as data: a row wins over the file, open cases come nearer and never later, every process follows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.administration import calendars
from backend.administration.calendars import CalendarBook
from backend.administration.policy import Administrator
from backend.applications import recounting
from backend.kernel.errors import Problem
from backend.kernel.holidays import Holiday, YearPlan, faults, joined
from backend.kernel.workdays import Calendar
from backend.models.application import Application
from backend.models.outbox import Outbox
from config.calendar_data import load_plans
from tests import factories
from tests.people import COUNTY, TOWN, Cast

ADMIN = Administrator(1, "county", COUNTY, "管理岗")
NEW_YEAR = Holiday("元旦", date(2027, 1, 1), date(2027, 1, 3))
PLAN = YearPlan(2027, "通知", (NEW_YEAR,), (date(2027, 1, 9),))
DAYS = st.dates(date(2026, 12, 20), date(2028, 1, 10))


def put(cast: Cast, plan: YearPlan = PLAN, version: int = 0, admin: Administrator = ADMIN) -> int:
    return int(cast.run(calendars.put, admin=admin, plan=plan, version=version, now=cast.clock()))


def refusal(act: Callable[[], Any]) -> tuple[str, list[str]]:
    with pytest.raises(Problem) as refused:
        act()
    return refused.value.code, sorted(refused.value.errors)


def test_year_that_was_entered_counts_at_once(cast: Cast) -> None:
    book = CalendarBook(load_plans(), cast.db.reading)
    assert book.current.is_workday(date(2027, 1, 1))
    put(cast)
    book.look_again()
    assert not book.current.is_workday(date(2027, 1, 1))
    assert book.current.is_workday(date(2027, 1, 9))
    assert book.current.knows(2027)
    assert not book.current.is_workday(date(2026, 10, 1)), "the file of another year stays"


def test_row_wins_over_the_file_of_its_year(cast: Cast) -> None:
    plan = YearPlan(2026, "改过", (Holiday("元旦", date(2026, 1, 1), date(2026, 1, 1)),), ())
    put(cast, plan)
    book = CalendarBook(load_plans(), cast.db.reading)
    assert book.current.is_workday(date(2026, 10, 1))
    with cast.db.reading() as session:
        (card,) = calendars.years(session, load_plans())
    assert (card.version, card.plan) == (1, plan)


def test_another_process_follows_within_half_a_minute(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    other = CalendarBook(load_plans(), cast.db.reading)
    assert other.current.is_workday(date(2027, 1, 1))
    put(cast)
    assert other.current.is_workday(date(2027, 1, 1))
    real = calendars.time.monotonic
    monkeypatch.setattr(calendars.time, "monotonic", lambda: real() + calendars.FRESH_SECONDS)
    assert not other.current.is_workday(date(2027, 1, 1))


def test_book_survives_a_lost_database() -> None:
    def reading() -> Any:
        raise calendars.Unavailable("database_unavailable", calendars.N_("忙"))

    assert CalendarBook(load_plans(), reading).current.knows(2026)


@pytest.mark.parametrize(
    ("plan", "where"),
    [
        (replace(PLAN, holidays=()), "holidays"),
        (replace(PLAN, holidays=(Holiday("x", date(2026, 12, 31), date(2027, 1, 2)),)), "holidays.0"),
        (replace(PLAN, holidays=(Holiday("x", date(2027, 1, 3), date(2027, 1, 1)),)), "holidays.0"),
        (replace(PLAN, holidays=(Holiday("x", date(2027, 1, 1), date(2027, 1, 31)),)), "holidays.0"),
        (replace(PLAN, holidays=(NEW_YEAR, Holiday("x", date(2027, 1, 3), date(2027, 1, 4)))), "holidays.1"),
        (replace(PLAN, workdays=(date(2027, 1, 5),)), "workdays.0"),
        (replace(PLAN, workdays=(date(2027, 1, 2),)), "workdays.0"),
        (replace(PLAN, workdays=(date(2027, 1, 9), date(2027, 1, 9))), "workdays.1"),
        (replace(PLAN, workdays=(date(2028, 1, 1),)), "workdays.0"),
        (replace(PLAN, source=" "), "source"),
        (replace(PLAN, year=1999), "year"),
    ],
)
def test_year_that_does_not_fit_is_refused_by_line(cast: Cast, plan: YearPlan, where: str) -> None:
    code, fields = refusal(lambda: put(cast, plan))
    assert code == "invalid_input"
    assert where in fields


def test_calendar_belongs_to_the_county(cast: Cast) -> None:
    town = Administrator(2, "town", TOWN, "管理岗")
    assert refusal(lambda: put(cast, admin=town)) == ("county_only", [])


def test_of_two_administrators_at_once_one_is_told(cast: Cast) -> None:
    outcomes: list[Any] = []

    def go() -> None:
        try:
            outcomes.append(put(cast))
        except Problem as problem:
            outcomes.append(problem.code)

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [1, "changed_meanwhile"]
    assert refusal(lambda: put(cast, version=7)) == ("changed_meanwhile", [])
    assert put(cast, replace(PLAN, source="新通知"), version=1) == 2


@given(st.lists(st.tuples(DAYS, st.integers(0, 20)), max_size=6), st.lists(DAYS, max_size=6))
@settings(max_examples=300, deadline=None)
def test_plan_without_faults_is_a_calendar_of_its_year(spans: list[tuple[date, int]], worked: list[date]) -> None:
    holidays = tuple(Holiday("假", first, first + timedelta(days=more)) for first, more in spans)
    plan = YearPlan(2027, "通知", holidays, tuple(worked))
    if faults(plan):
        return
    calendar = joined([plan])
    assert all(not calendar.is_workday(day) for day in plan.days_off())
    assert all(calendar.is_workday(day) for day in worked)
    assert {day.year for day in plan.days_off() | set(worked)} == {2027}


def recount(cast: Cast, calendar: Calendar) -> date | None:
    """The promised day of the one case after a recount."""
    cast.run(recounting.recount, calendar=calendar, since=date(2026, 1, 1), after=0, now=cast.clock(), limit=50)
    with cast.db.reading() as session:
        return session.scalar(select(Application.due_on))


def changed(cast: Cast, *off: date, on: tuple[date, ...] = ()) -> Calendar:
    known = cast.calendar
    return Calendar(known.holidays | set(off), known.workdays | set(on), known.years)


def test_promised_day_comes_nearer_and_never_later(cast: Cast) -> None:
    case = factories.submitted(cast).id
    promised = recount(cast, cast.calendar)
    assert promised == date(2026, 11, 26)
    assert recount(cast, changed(cast, date(2026, 11, 24))) == promised, "a new holiday moves nothing"
    cast.clock.advance(timedelta(minutes=1))
    wrong = changed(cast, date(2026, 11, 24), date(2026, 11, 25))
    cast.run(_promise, case=case, day=wrong.add(date(2026, 11, 23), 3))
    assert recount(cast, wrong) == date(2026, 11, 30)
    assert recount(cast, cast.calendar) == promised, "a holiday that was a slip does not stay with the applicant"


def test_recount_puts_no_office_in_the_past(cast: Cast) -> None:
    case = factories.submitted(cast).id
    cast.run(_promise, case=case, day=date(2026, 12, 10))
    cast.clock.advance(timedelta(days=7))
    assert recount(cast, cast.calendar) == date(2026, 11, 30)


def test_recount_leaves_a_clock_that_stands(cast: Cast) -> None:
    case = factories.submitted(cast).id
    cast.run(_promise, case=case, day=date(2026, 12, 10))
    cast.run(lambda session: session.execute(update(Application).values(paused_at=cast.clock())))
    assert recount(cast, cast.calendar) == date(2026, 12, 10)


def test_change_leaves_work_for_the_open_cases(cast: Cast) -> None:
    put(cast)
    with cast.db.reading() as session:
        assert session.scalars(select(Outbox.topic)).all() == [calendars.CHANGED]


def _promise(session: Session, *, case: int, day: date) -> None:
    session.execute(update(Application).where(Application.id == case).values(due_on=day))
