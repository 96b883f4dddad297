"""A worker that is running counts by a calendar that was changed, and counts the open cases again."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select, update

from backend.administration import calendars
from backend.administration.policy import Administrator
from backend.kernel.holidays import Holiday, YearPlan
from backend.models.application import Application, ApplicationHistory
from backend.models.outbox import Outbox
from tests.clock import MONDAY
from tests.workers.world import COUNTY, World
from workers import registry
from workers.drain import drain

ADMIN = Administrator(1, "county", COUNTY, "管理岗")
LONG = YearPlan(2027, "写错的通知", (Holiday("元旦", date(2027, 1, 1), date(2027, 1, 12)),), ())
RIGHT = YearPlan(2027, "通知", (Holiday("元旦", date(2027, 1, 1), date(2027, 1, 3)),), ())


def put(world: World, plan: YearPlan, version: int) -> None:
    at = world.runtime
    at.db.transact(calendars.put, admin=ADMIN, plan=plan, version=version, now=at.clock())
    drain(at, registry.TOPICS[calendars.CHANGED], go_on=lambda: True)


def test_worker_follows_a_change_and_brings_open_cases_nearer(world: World) -> None:
    at = world.runtime
    at.clock.set(MONDAY)  # type: ignore[attr-defined]
    assert at.calendar.is_workday(date(2027, 1, 1))
    put(world, LONG, 0)
    assert not at.calendar.is_workday(date(2027, 1, 12))
    late = at.calendar.add(date(2027, 1, 1), 3)
    case = world.case("submitted", "")
    at.db.transact(
        lambda session: (
            session.execute(update(Application).values(due_on=late, legal_due_on=late)),
            session.add(_submitted(case, date(2026, 12, 31))),
        )
    )
    put(world, RIGHT, 1)
    assert at.calendar.is_workday(date(2027, 1, 12))
    with at.db.reading() as session:
        assert session.scalar(select(Application.due_on)) == date(2027, 1, 6)
        assert set(session.scalars(select(Outbox.status))) == {"done"}


def _submitted(case: int, day: date) -> ApplicationHistory:
    from_day = datetime.fromisoformat(f"{day.isoformat()}T10:00:00+08:00")
    return ApplicationHistory(
        subject_id=case,
        at=from_day,
        move="submit",
        from_status="draft",
        to_status="submitted",
        level="",
        actor_kind="applicant",
        actor_id=1,
        post="",
    )
