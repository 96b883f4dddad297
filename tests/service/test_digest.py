"""The morning's figures: once a working day, counts only; and what offices hear before and after a last day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from backend.accounts import absence
from backend.applications import desk, digest, due
from backend.applications.policy import Reviewer
from backend.kernel.clock import today
from backend.models.application import StaffNotice
from backend.models.desk import StaffMessage
from backend.notifications import staff as inbox
from tests import factories as make
from tests.people import CONFIG, Cast, hire

#: 7:30 and the minute before, on a Monday in China.
MORNING, EARLY = datetime(2026, 11, 22, 23, 30, tzinfo=UTC), datetime(2026, 11, 22, 23, 29, tzinfo=UTC)


def write(cast: Cast) -> int:
    return int(cast.run(digest.write, calendar=cast.calendar, now=cast.clock()))


def facts(cast: Cast, reviewer: Reviewer) -> list[dict[str, Any]]:
    with cast.db.reading() as session:
        return list(session.scalars(select(StaffMessage.facts).where(StaffMessage.staff_id == reviewer.id)))


def test_nothing_comes_before_half_past_seven_or_on_a_day_off(cast: Cast) -> None:
    make.submitted(cast)
    for moment in (EARLY, MORNING - timedelta(days=1), datetime(2026, 10, 1, 2, tzinfo=UTC)):
        cast.clock.set(moment)
        assert write(cast) == 0
    cast.clock.set(datetime(2026, 10, 10, 2, tzinfo=UTC))  # a Saturday that is worked
    assert write(cast) == 3


def test_each_clerk_hears_once_a_day_and_only_of_something(cast: Cast) -> None:
    make.submitted(cast)
    cast.clock.set(MORNING + timedelta(days=1))
    assert write(cast) == 3
    assert write(cast) == 0
    assert facts(cast, cast.reviewers["village"]) == [{"unclaimed": 1}]
    assert facts(cast, cast.reviewers["county"]) == [{"area_open": 1}]
    far = hire(cast, "village", region="370402002003")
    cast.clock.advance(timedelta(days=1))
    assert write(cast) == 4
    assert facts(cast, far) == [], "nobody is told that there is nothing"
    assert len(facts(cast, cast.reviewers["village"])) == 2


def test_the_figures_say_what_is_late_mine_waiting_and_escalated(cast: Cast) -> None:
    make.in_correction(cast, who="李四", serial=8)
    late = make.submitted(cast)
    cast.clock.advance(timedelta(days=4))
    cast.run(due.escalate_deadlines, now=cast.clock())
    make.claim(cast, late.number or "", cast.reviewers["village"])
    assert write(cast) == 3
    assert facts(cast, cast.reviewers["village"]) == [{"overdue": 1, "mine": 1, "waiting": 1}]
    assert facts(cast, cast.reviewers["town"]) == [{"waiting": 1, "escalated": 1, "area_open": 2, "area_overdue": 1}]


def test_an_absent_clerk_hears_nothing(cast: Cast) -> None:
    make.submitted(cast)
    village, day = cast.reviewers["village"], today(cast.clock())
    cast.run(absence.set_away, staff_id=village.id, until=day, today=day, now=cast.clock())
    assert write(cast) == 2
    assert facts(cast, village) == []


def test_old_messages_are_deleted(cast: Cast) -> None:
    make.submitted(cast)
    write(cast)
    cast.clock.advance(timedelta(days=91))
    before = cast.clock() - inbox.KEPT
    assert cast.run(inbox.purge, before=before, limit=100) == 3
    assert facts(cast, cast.reviewers["village"]) == []


def test_an_office_hears_at_60_percent_then_a_day_before_then_the_one_above(cast: Cast) -> None:
    cast.publish(CONFIG / "catalogue" / "only-child-reissue.toml")
    row = make.submitted(cast, item="only-child-reissue")  # five working days from a Monday
    told: dict[str, tuple[str, int]] = {}
    for day in range(9):
        cast.run(due.warn_deadlines, calendar=cast.calendar, now=cast.clock())
        cast.run(due.escalate_deadlines, now=cast.clock())
        with cast.db.reading() as session:
            for notice in session.scalars(select(StaffNotice)):
                told.setdefault(notice.kind, (notice.region, day))
        cast.clock.advance(timedelta(days=1))
    assert told == {
        "deadline_soon": (row.village, 3),
        "deadline_near": (row.village, 4),
        "deadline_passed": (row.town, 8),
    }


def test_the_list_of_an_office_names_each_case_once_with_its_newest_notice(cast: Cast) -> None:
    cast.publish(CONFIG / "catalogue" / "only-child-reissue.toml")
    make.submitted(cast, item="only-child-reissue")
    kinds = []
    for _ in range(9):
        cast.run(due.warn_deadlines, calendar=cast.calendar, now=cast.clock())
        with cast.db.reading() as session:
            found = desk.notices(session, reviewer=cast.reviewers["village"], now=cast.clock())
        kinds.append([one["kind"] for one in found])
        cast.clock.advance(timedelta(days=1))
    assert kinds[3:5] == [["deadline_soon"], ["deadline_near"]]
    assert all(len(one) <= 1 for one in kinds)
