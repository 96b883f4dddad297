"""Supplies against a code: once, at any counter of the county; parcels; one request a month."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from backend.applications import issuing, supplies
from backend.applications.policy import Reviewer
from backend.certificates import queries as certificates
from backend.db import Database
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, NotFound
from backend.models.application import Application
from tests import factories
from tests.clock import MovableClock
from tests.people import COUNTY, Cast, assemble

ITEM = "contraceptive-supply"
NURSE = Reviewer(9, "county", COUNTY, "服务站护士岗")


@pytest.fixture
def cast(database: Database, vault: Vault, clock: MovableClock) -> Cast:
    return assemble(database, vault, clock, item=ITEM)


def granted(cast: Cast, **answers: str) -> tuple[Application, str]:
    """A case that was handed in and worked off: the row and the number of its code."""
    case = factories.draft(cast, item=ITEM)
    if answers:
        factories.answer(cast, case, **answers)
    factories.submit(cast, case)
    number = cast.run(issuing.issue, vault=cast.vault, issuer="yangguang", application_id=case, now=cast.clock())
    cast.db.transact(supplies.prepare, cast.vault, application_id=case, now=cast.clock())
    return factories.load(cast, case), number


def hand_over(cast: Cast, number: str, clerk: Reviewer = NURSE) -> int:
    return int(cast.run(supplies.hand_over, clerk=clerk, number=number, now=cast.clock()))


def mail(cast: Cast) -> tuple[Application, str]:
    return granted(cast, way="mail", recipient="王㐂", recipient_mobile="13800000007", address="样例社区 1 号楼")


def test_a_code_is_good_once(cast: Cast) -> None:
    row, number = granted(cast)
    assert hand_over(cast, number) == row.id
    with pytest.raises(Conflict, match="already_collected"):
        hand_over(cast, number)
    with cast.db.reading() as session:
        card = certificates.owned(session, number=number, resident_id=row.resident_id, now=cast.clock())
    assert card.status == "revoked"


def test_two_counters_at_once_hand_over_one(cast: Cast) -> None:
    _row, number = granted(cast)

    def one(_: int) -> str:
        try:
            hand_over(cast, number)
        except Conflict as refused:
            return refused.code
        return "given"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))
    assert sorted(answers) == ["already_collected"] * 7 + ["given"]


def test_a_counter_of_another_county_gives_nothing(cast: Cast) -> None:
    _row, number = granted(cast)
    with pytest.raises(Conflict, match="already_collected"):
        hand_over(cast, number, Reviewer(9, "county", "370403000000", "别处"))
    hand_over(cast, number)


def test_a_parcel_waits_until_it_is_posted_and_its_code_is_used_up(cast: Cast) -> None:
    row, number = mail(cast)
    with cast.db.reading() as session:
        (parcel,) = supplies.parcels(session, clerk=NURSE)
    assert (parcel.number, parcel.lines) == (row.number, ())
    opened = cast.db.transact(supplies.open_parcel, cast.vault, clerk=NURSE, collection_id=parcel.id, now=cast.clock())
    assert "样例社区 1 号楼" in [value for _label, value in opened.lines]
    for _ in range(2):
        cast.run(supplies.post, clerk=NURSE, collection_id=parcel.id, now=cast.clock())
    with pytest.raises(Conflict):
        hand_over(cast, number)
    with cast.db.reading() as session:
        assert supplies.parcels(session, clerk=NURSE) == []


@pytest.mark.parametrize("level", ["village", "town"])
def test_only_the_county_sees_where_a_parcel_goes(cast: Cast, level: str) -> None:
    mail(cast)
    with cast.db.reading() as session:
        (parcel,) = supplies.parcels(session, clerk=NURSE)
    with pytest.raises(NotFound):
        cast.db.transact(
            supplies.open_parcel, cast.vault, clerk=cast.reviewers[level], collection_id=parcel.id, now=cast.clock()
        )


def test_a_second_request_within_the_month_is_told_from_when_on(cast: Cast) -> None:
    granted(cast)
    again = factories.draft(cast, item=ITEM)
    with pytest.raises(Conflict, match="too_soon"):
        factories.submit(cast, again)
    cast.clock.advance(timedelta(days=31))
    assert factories.submit(cast, again)


def test_what_was_handed_over_is_forgotten_after_its_days(cast: Cast) -> None:
    _row, number = granted(cast)
    hand_over(cast, number)
    assert cast.run(supplies.purge, now=cast.clock(), limit=10) == 0
    cast.clock.advance(timedelta(days=30))
    assert cast.run(supplies.purge, now=cast.clock(), limit=10) == 1
