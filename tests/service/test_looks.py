"""Who looked: every look of the staff is one row, and the applicant reads it; nobody else does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.applications import looks
from backend.kernel.errors import Forbidden, NotFound
from tests import factories
from tests.people import FAR_VILLAGE, Cast, hire


def look(cast: Cast, number: str | None, level: str = "town", act: str = looks.CASE) -> None:
    reviewer = cast.reviewers[level]
    cast.run(looks.note, reviewer=reviewer, number=number or "", act=act, now=cast.clock())


def seen(cast: Cast, case: int, who: str = "王㐂") -> list[tuple[str, str]]:
    with cast.db.reading() as session:
        found = looks.mine(session, resident_id=cast.residents[who], application_id=case)
    return [(one["post"], one["act"]) for one in found]


def test_an_opened_case_is_one_look_per_clerk_and_hour(cast: Cast) -> None:
    row = factories.submitted(cast)
    for _ in range(3):
        look(cast, row.number)
    look(cast, row.number, "county")
    assert seen(cast, row.id) == [("区级审批岗", looks.CASE), ("镇街审核岗", looks.CASE)]
    cast.clock.advance(timedelta(minutes=61))
    look(cast, row.number)
    assert len(seen(cast, row.id)) == 3


def test_taking_a_case_is_the_look_at_its_page(cast: Cast) -> None:
    row = factories.submitted(cast)
    factories.claim(cast, row.number or "", cast.reviewers["village"])
    look(cast, row.number, "village")
    assert seen(cast, row.id) == [("村级核对岗", "claim.take")]


def test_reading_the_record_is_a_look_of_its_own(cast: Cast) -> None:
    row = factories.submitted(cast)
    look(cast, row.number)
    look(cast, row.number, act=looks.RECORD)
    assert [act for _, act in seen(cast, row.id)] == [looks.RECORD, looks.CASE]


def test_a_look_from_elsewhere_or_at_the_own_case_is_refused_and_leaves_nothing(cast: Cast) -> None:
    row = factories.submitted(cast)
    stranger = hire(cast, "village", region=FAR_VILLAGE)
    with pytest.raises(NotFound):
        cast.run(looks.note, reviewer=stranger, number=row.number, act=looks.CASE, now=cast.clock())
    own = cast.reviewer("town", own=("resident_id", "000000199205180079"))
    own = type(own)(own.id, own.level, own.region, own.post, row.holder_id_index)
    with pytest.raises(Forbidden):
        cast.run(looks.note, reviewer=own, number=row.number, act=looks.CASE, now=cast.clock())
    assert seen(cast, row.id) == []


def test_looks_of_another_persons_case_are_not_there(cast: Cast) -> None:
    row = factories.submitted(cast)
    cast.resident("陌生人", 99)
    with pytest.raises(NotFound):
        seen(cast, row.id, "陌生人")
