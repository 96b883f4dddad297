"""Visits at home: offered, agreed, made or called off; nobody is blamed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from backend.applications import visits
from backend.db import Database
from backend.kernel.clock import SHANGHAI
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from backend.models.application import Application
from backend.models.outbox import Outbox
from tests import factories
from tests.clock import MovableClock
from tests.people import Cast, assemble, id_number

ITEM = "home-service"


@pytest.fixture
def cast(database: Database, vault: Vault, clock: MovableClock) -> Cast:
    return assemble(database, vault, clock, item=ITEM)


@pytest.fixture
def row(cast: Cast) -> Application:
    """A case the town's clerk holds."""
    found = factories.submitted(cast, item=ITEM)
    factories.claim(cast, found.number or "", cast.reviewers["town"])
    return found


def tomorrow(cast: Cast, hour: int = 9, days: int = 1) -> datetime:
    day = cast.calendar.add(cast.clock().astimezone(SHANGHAI).date(), days)
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def offer(cast: Cast, row: Application, at: datetime | None = None, level: str = "town") -> int:
    clerk, starts_at = cast.reviewers[level], at or tomorrow(cast)
    made = cast.run(
        visits.offer, calendar=cast.calendar, reviewer=clerk, number=row.number, starts_at=starts_at, now=cast.clock()
    )
    return int(made)


def answer(cast: Cast, command: object, row: Application, visit: int, who: int | None = None) -> int:
    resident = row.resident_id if who is None else who
    return int(
        cast.run(command, resident_id=resident, application_id=row.id, visit_id=visit, now=cast.clock())  # type: ignore[arg-type]
    )


def states(cast: Cast, row: Application) -> list[str]:
    with cast.db.reading() as session:
        return [card.state for card in visits.of_case(session, row.id, now=cast.clock())]


def topics(cast: Cast) -> list[str]:
    with cast.db.reading() as session:
        return [line.topic for line in session.query(Outbox) if line.topic.startswith("visit")]


def test_a_visit_is_offered_agreed_and_made(cast: Cast, row: Application) -> None:
    visit = offer(cast, row)
    assert (states(cast, row), topics(cast)) == (["offered"], ["visit_offered"])
    for _ in range(2):
        answer(cast, visits.agree, row, visit)
    cast.clock.advance(timedelta(days=1))
    cast.run(visits.made, reviewer=cast.reviewers["town"], number=row.number, visit_id=visit, now=cast.clock())
    assert states(cast, row) == ["made"]


def test_a_visit_cannot_be_made_before_its_time(cast: Cast, row: Application) -> None:
    visit = offer(cast, row)
    with pytest.raises(Conflict, match="not_yet"):
        cast.run(visits.made, reviewer=cast.reviewers["town"], number=row.number, visit_id=visit, now=cast.clock())


def test_a_new_offer_takes_the_place_of_the_old(cast: Cast, row: Application) -> None:
    first = offer(cast, row)
    offer(cast, row, tomorrow(cast, 14))
    assert states(cast, row) == ["offered", "cancelled"]
    with pytest.raises(Conflict, match="visit_over"):
        answer(cast, visits.agree, row, first)


def test_declining_leaves_the_case_as_it_is(cast: Cast, row: Application) -> None:
    visit = offer(cast, row)
    for _ in range(2):
        answer(cast, visits.decline, row, visit)
    assert states(cast, row) == ["cancelled"]
    assert factories.load(cast, row.id).status == row.status


@pytest.mark.parametrize(("hour", "days"), [(7, 1), (18, 1), (9, 70)])
def test_a_time_nobody_works_at_is_refused(cast: Cast, row: Application, hour: int, days: int) -> None:
    with pytest.raises(Invalid, match="bad_time"):
        offer(cast, row, tomorrow(cast, hour, days))


def test_a_holiday_is_refused(cast: Cast, row: Application) -> None:
    saturday = tomorrow(cast)
    while saturday.weekday() != 5:
        saturday += timedelta(days=1)
    with pytest.raises(Invalid, match="bad_time"):
        offer(cast, row, saturday)


def test_the_stranger_learns_of_no_visit(cast: Cast, row: Application) -> None:
    visit = offer(cast, row)
    with pytest.raises(NotFound):
        answer(cast, visits.agree, row, visit, cast.resident("赵龘", 8))


def test_an_office_that_does_not_hold_the_case_offers_nothing(cast: Cast, row: Application) -> None:
    with pytest.raises(Conflict, match="no_visit"):
        offer(cast, row, level="county")


def test_one_does_not_visit_oneself(cast: Cast, row: Application) -> None:
    own = cast.reviewer("town", own=("resident_id", id_number(7)))
    with pytest.raises(Forbidden):
        cast.run(
            visits.offer,
            calendar=cast.calendar,
            reviewer=own,
            number=row.number,
            starts_at=tomorrow(cast),
            now=cast.clock(),
        )


def test_the_evening_before_one_reminder_is_sent(cast: Cast, row: Application) -> None:
    visit = offer(cast, row, tomorrow(cast, days=2))
    answer(cast, visits.agree, row, visit)
    assert cast.run(visits.remind, now=cast.clock(), limit=10) == 0
    cast.clock.now = tomorrow(cast, days=2) - timedelta(hours=12)
    assert [cast.run(visits.remind, now=cast.clock(), limit=10) for _ in range(2)] == [1, 0]
    with cast.db.reading() as session:
        told = visits.facts(session, visit_id=visit, topic="visit_reminder", phone="0632-12345", now=cast.clock())
    assert told is not None
    assert told.params["at"] == "09:00"
