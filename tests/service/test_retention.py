"""Materials after the end of a case: kept for the grace, then destroyed; a reopening stops the clock."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend.applications import due
from backend.documents import service as documents
from backend.models.application import Application
from backend.models.document import Document
from tests import factories as make
from tests.people import Cast

GRACE = timedelta(days=30)


def days(cast: Cast, row: Application) -> set[datetime | None]:
    """The days of destruction of the materials of a case."""
    with cast.db.reading() as session:
        return set(session.scalars(select(Document.purge_at).where(Document.owner_id == row.id)))


def test_materials_of_an_open_case_have_no_day(cast: Cast) -> None:
    assert days(cast, make.in_correction(cast)) == {None}


def test_materials_are_destroyed_a_grace_after_the_approval(cast: Cast) -> None:
    row = make.approved(cast)
    assert days(cast, row) == {cast.clock() + GRACE}
    cast.clock.advance(GRACE)
    assert len(cast.run(documents.purge_due, now=cast.clock())) > 0
    assert days(cast, row) == set()


@pytest.mark.parametrize("end", ["reject", "withdraw", "lapse"])
def test_materials_get_their_day_however_a_case_ends(cast: Cast, end: str) -> None:
    row = make.in_correction(cast) if end == "lapse" else make.submitted(cast)
    if end == "reject":
        make.decide(cast, row.number or "", "village", "reject", note="不符合条件")
    elif end == "withdraw":
        make.withdraw(cast, row.id)
    else:
        cast.clock.advance(timedelta(days=20))
        cast.run(due.lapse_corrections, now=cast.clock())
    assert days(cast, row) == {cast.clock() + GRACE}


def test_a_reopened_case_keeps_its_materials(cast: Cast) -> None:
    row = make.issued(cast)
    make.reopen(cast, row.number or "", cast.reviewers["town"])
    assert days(cast, row) == {None}
