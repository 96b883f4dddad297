"""Facts are read off cases where their work is done; what an office sees follows from them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from backend.applications import facts as cases
from backend.applications.policy import Reviewer
from backend.kernel import ids
from backend.kernel.clock import today
from backend.kernel.errors import Invalid, NotFound
from backend.models.statistics import CaseFact
from backend.openness import facts, statistics
from backend.openness.statistics import Period, Report
from tests import factories
from tests.people import COUNTY, FAR_VILLAGE, TOWN, VILLAGE, Cast
from workers.counting import count


def fact(cast: Cast, case: int) -> CaseFact | None:
    cast.db.transact(count, calendar=cast.calendar, application_id=case)
    with cast.db.reading() as session:
        return session.get(CaseFact, case)


def report(cast: Cast, level: str = "county", region: str = COUNTY, **options: Any) -> Report:
    day = today(cast.clock())
    within = options.pop("within", Period(day - timedelta(days=300), day))
    values = {"below": None, "service_item": None} | options
    with cast.db.reading() as session:
        return statistics.report(session, level=level, region=region, within=within, **values)


def test_an_open_case_is_received_and_nothing_more(cast: Cast) -> None:
    found = fact(cast, factories.submitted(cast).id)
    assert found is not None
    assert (found.received_on, found.outcome, found.worked_days) == (date(2026, 11, 23), None, None)
    assert (found.village, found.town, found.county) == (VILLAGE, TOWN, COUNTY)


def test_a_draft_counts_nowhere(cast: Cast) -> None:
    assert fact(cast, factories.draft(cast)) is None


def test_working_days_of_a_decision_leave_out_the_pause(cast: Cast) -> None:
    row = factories.in_correction(cast)
    cast.clock.advance(timedelta(days=7))
    factories.hand_in(cast, row.id, "王㐂", factories.photo(cast), "two")
    factories.resubmit(cast, row.id)
    cast.clock.advance(timedelta(days=1))
    for level in ("village", "town"):
        factories.decide(cast, row.number or "", level, "approve")
    found = fact(cast, row.id)
    assert found is not None
    assert (found.outcome, found.worked_days, found.on_time, found.corrections) == ("approved", 1, True, 1)


def test_a_late_decision_is_not_on_time(cast: Cast) -> None:
    row = factories.submitted(cast)
    cast.clock.advance(timedelta(days=14))
    factories.decide(cast, row.number or "", "village", "reject", note="不在这里办")
    found = fact(cast, row.id)
    assert found is not None
    assert (found.outcome, found.worked_days, found.on_time) == ("rejected", 10, False)


def test_a_withdrawn_case_has_an_end_and_no_time(cast: Cast) -> None:
    row = factories.submitted(cast)
    factories.withdraw(cast, row.id)
    found = fact(cast, row.id)
    assert found is not None
    assert (found.outcome, found.worked_days, found.on_time) == ("withdrawn", None, None)


def test_a_reopened_case_is_open_again_and_counts_from_there(cast: Cast) -> None:
    row = factories.issued(cast)
    cast.clock.advance(timedelta(days=14))
    factories.reopen(cast, row.number or "", cast.reviewers["town"])
    opened = fact(cast, row.id)
    assert opened is not None
    assert (opened.outcome, opened.decided_on) == (None, None)
    cast.clock.advance(timedelta(days=1))
    factories.decide(cast, row.number or "", "town", "approve")
    again = fact(cast, row.id)
    assert again is not None
    assert again.worked_days == 1


def test_an_older_reading_never_overwrites_a_newer_one(cast: Cast) -> None:
    row = factories.submitted(cast)
    with cast.db.reading() as session:
        old = cases.of(session, calendar=cast.calendar, application_id=row.id)
    factories.withdraw(cast, row.id)
    fact(cast, row.id)
    assert old is not None
    values = {name: getattr(old, name) for name in cases.Fact.__slots__}
    cast.run(facts.put, **values)
    with cast.db.reading() as session:
        assert session.get_one(CaseFact, row.id).outcome == "withdrawn"


def put(cast: Cast, number: int, *, days: int = 1, town: str = TOWN, village: str = VILLAGE, **values: Any) -> None:
    """So many decided cases of one kind."""
    day = today(cast.clock())
    base = {
        "service_item": "migrant-proof",
        "village": village,
        "town": town,
        "county": COUNTY,
        "received_on": day,
        "decided_on": day,
        "outcome": "approved",
        "worked_days": days,
        "on_time": True,
        "corrections": 0,
        "score": None,
        "sequence": 1,
    }
    for _ in range(number):
        cast.run(facts.put, application_id=ids.new_id(cast.clock()), **base | values)


def test_middle_and_ninth_tenth_are_those_of_all_cases(cast: Cast) -> None:
    put(cast, 6, days=1)
    put(cast, 3, days=2)
    put(cast, 1, days=20, on_time=False, corrections=2, score=1)
    (line,) = report(cast).lines
    assert (line.place, line.received, line.decided, line.median, line.p90) == (TOWN, 10, 10, 1, 2)
    assert (line.on_time, line.corrections, line.second_corrections) == (90, 1, 1)
    assert (line.rated, line.rating, line.scores) == (1, None, None)


def test_places_of_the_level_below_make_the_lines(cast: Cast) -> None:
    put(cast, 5)
    put(cast, 5, town="370402002000", village=FAR_VILLAGE, score=4)
    assert [line.place for line in report(cast).lines] == [TOWN, "370402002000"]
    assert report(cast).total.received == 10
    assert [line.place for line in report(cast, "town", TOWN).lines] == [VILLAGE]
    inside = report(cast, below="370402002000")
    assert ([line.place for line in inside.lines], inside.total.rating) == ([FAR_VILLAGE], 4.0)


def test_a_place_outside_the_jurisdiction_is_not_there(cast: Cast) -> None:
    with pytest.raises(NotFound):
        report(cast, "town", TOWN, below=FAR_VILLAGE)
    put(cast, 5, town="370402002000", village=FAR_VILLAGE)
    assert report(cast, "town", TOWN).lines == []


def test_item_and_period_narrow_what_is_counted(cast: Cast) -> None:
    put(cast, 2, service_item="birth-registration")
    put(cast, 3, received_on=date(2026, 1, 5), decided_on=date(2026, 1, 9))
    assert report(cast, service_item="birth-registration").total.received == 2
    january = report(cast, within=Period(date(2026, 1, 1), date(2026, 1, 31)))
    assert (january.total.decided, [one.month for one in january.months]) == (3, ["2026-01"])


def test_months_without_a_case_stand_there_too(cast: Cast) -> None:
    put(cast, 1)
    months = report(cast, within=statistics.period(today=today(cast.clock()), first=None, last=None)).months
    assert (len(months), months[0].month, months[-1].month, months[-1].received) == (12, "2025-12", "2026-11", 1)


@pytest.mark.parametrize(("first", "last"), [(date(2026, 2, 1), date(2026, 1, 1)), (date(2020, 1, 1), None)])
def test_a_period_that_is_none_is_refused(first: date, last: date | None) -> None:
    with pytest.raises(Invalid):
        statistics.period(today=date(2026, 11, 23), first=first, last=last)


def test_nobody_is_in_the_facts() -> None:
    """PRODUCT §2: places, items, days and numbers only."""
    allowed = {"application_id", "service_item", "village", "town", "county", "received_on", "decided_on", "outcome"}
    allowed |= {"worked_days", "on_time", "corrections", "score", "sequence"}
    assert set(CaseFact.__table__.columns.keys()) == allowed


def test_another_levels_office_has_its_own_lines(cast: Cast) -> None:
    put(cast, 1)
    clerk: Reviewer = cast.reviewers["village"]
    assert report(cast, clerk.level, clerk.region).total.received == 1
