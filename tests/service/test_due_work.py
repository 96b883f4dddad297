"""Sweeps that meet the same case again: it must not stand in the way of the others."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.applications import due
from backend.applications.review import Defect
from backend.events import once
from backend.models.application import StaffNotice
from backend.models.idempotency import IdempotencyKey
from backend.models.outbox import Outbox
from tests import factories as make
from tests.people import Cast


def test_the_same_last_day_after_a_quick_correction_is_told_once(cast: Cast) -> None:
    row = make.submitted(cast)
    cast.clock.advance(timedelta(days=2))
    assert cast.run(due.warn_deadlines, calendar=cast.calendar, now=cast.clock()) == 1
    defects = (Defect(make.photo(cast), "看不清，请重拍"),)
    make.decide(cast, row.number or "", "village", "request_correction", defects=defects)
    make.resubmit(cast, row.id)
    assert make.load(cast, row.id).due_on == row.due_on
    assert cast.run(due.warn_deadlines, calendar=cast.calendar, now=cast.clock()) == 1
    assert cast.run(due.warn_deadlines, calendar=cast.calendar, now=cast.clock()) == 0
    with cast.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(StaffNotice)) == 1


def test_a_draft_touched_after_its_warning_is_warned_again(cast: Cast) -> None:
    case, begun = make.draft(cast), cast.clock()
    for _ in range(2):  # the demo's clock goes back: the same last day comes near twice
        cast.clock.set(begun)
        make.answer(cast, case)
        cast.clock.advance(timedelta(days=80))
        assert cast.run(due.warn_drafts, now=cast.clock()) == 1
    with cast.db.reading() as session:
        told = select(func.count()).select_from(Outbox).where(Outbox.topic == "draft_expiring")
        assert session.scalar(told) == 2


def test_keys_of_repeated_requests_are_forgotten_in_time(cast: Cast) -> None:
    now = cast.clock()

    def write(session: Session) -> None:
        for name, age in (("old", 15), ("new", 1)):
            made = now - timedelta(days=age)
            session.add(IdempotencyKey(key_hash=name, body_hash="-", subject_id=1, created_at=made))

    cast.db.transact(write)
    assert cast.db.transact(once.purge, before=now - timedelta(days=14), limit=10) == 1
    with cast.db.reading() as session:
        assert list(session.scalars(select(IdempotencyKey.key_hash))) == ["new"]
