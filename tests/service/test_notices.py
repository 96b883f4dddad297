"""Public notices: opened by an approval, nobody can decide meanwhile, ended by the clock."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from backend.applications import notice_queries
from backend.db import Database
from backend.kernel.crypto import Vault
from backend.kernel.errors import Conflict, Gone, NotFound
from backend.lifecycles.application import ApplicationStatus as S
from tests import announced, factories as make
from tests.clock import MovableClock
from tests.people import EMPTY_VILLAGE, TOWN, VILLAGE, Cast, assemble


@pytest.fixture
def cast(database: Database, vault: Vault, clock: MovableClock) -> Cast:
    whole = assemble(database, vault, clock)
    whole.publish()
    return whole


def walk(cast: Cast, item: str, levels: tuple[str, ...], announced_at: tuple[str, ...]) -> None:
    row = make.submitted(cast, item=item)
    for level in levels:
        make.decide(cast, row.number or "", level, "approve")
        now = make.load(cast, row.id)
        assert (now.status == S.IN_NOTICE) == (level in announced_at)
        if level in announced_at:
            assert (now.level, now.queue, now.decided_level) == (level, "", level)
            announced.pass_by(cast, row.id)
    done = make.load(cast, row.id)
    assert (done.status, done.queue, done.decided_level) == (S.APPROVED, "", "county")
    assert done.decided_at is not None


def test_an_award_is_announced_at_each_level(cast: Cast) -> None:
    walk(cast, "family-award", ("village", "town", "county"), ("village", "town", "county"))


@pytest.mark.parametrize("item", ["special-support", "hardship-support"])
def test_support_is_announced_by_the_county_only(cast: Cast, item: str) -> None:
    walk(cast, item, ("village", "town", "county"), ("county",))


def test_a_notice_opens_on_the_next_working_day(cast: Cast) -> None:
    found = announced.notice(cast, announced.announced(cast).id)
    assert (found.opens_on, found.closes_on) == (date(2026, 11, 24), date(2026, 11, 30))
    assert found.number.startswith("GS2611-")


def test_nobody_claims_or_decides_before_the_end(cast: Cast) -> None:
    row = announced.announced(cast)
    for level in ("village", "town"):
        with pytest.raises(Conflict) as refused:
            make.claim(cast, row.number or "", cast.reviewers[level])
        assert (refused.value.code, refused.value.extra["until"]) == ("in_notice", "2026-11-30")
        with pytest.raises(Conflict) as refused:
            make.decide(cast, row.number or "", level, "approve", fence=1)
        assert (refused.value.code, refused.value.extra["until"]) == ("in_notice", "2026-11-30")


def test_the_clock_of_the_case_runs_on(cast: Cast) -> None:
    row = announced.announced(cast)
    announced.pass_by(cast, row.id)
    assert make.load(cast, row.id).due_on == row.due_on
    assert make.load(cast, row.id).paused_at is None


def read(cast: Cast, notice_id: int) -> dict[str, object]:
    with cast.db.reading() as session:
        return notice_queries.one(session, notice_id=notice_id, now=cast.clock())


def numbers(cast: Cast, region: str = TOWN) -> list[str]:
    with cast.db.reading() as session:
        page = notice_queries.page(session, region=region, limit=20, cursor=None, now=cast.clock())
    return [item["number"] for item in page.items]


def test_the_public_reads_it_from_the_first_day_to_the_last(cast: Cast) -> None:
    row = announced.announced(cast)
    found = announced.notice(cast, row.id)
    with pytest.raises(NotFound):
        read(cast, found.id)
    for moment in (announced.at(found.opens_on, 0), announced.at(found.closes_on, 23, 59, 59)):
        cast.clock.set(moment)
        assert read(cast, found.id)["holder_masked"] == "王*"
        assert numbers(cast) == numbers(cast, VILLAGE) == [found.number]
    cast.clock.set(announced.at(found.closes_on + timedelta(days=1), 0))
    with pytest.raises(Gone):
        read(cast, found.id)
    assert numbers(cast) == []


@pytest.mark.parametrize(
    ("item", "people", "listed"), [("special-support", 1, 0), ("hardship-support", 4, 0), ("hardship-support", 5, 5)]
)
def test_a_list_of_a_village_gives_nobody_away(cast: Cast, item: str, people: int, listed: int) -> None:
    """Neither a joint title nor a number alone stands in it; fewer than five in a place stand by number only."""
    for serial in range(people):
        row = make.submitted(cast, "甲乙丙丁戊己"[serial] + "某", item=item, serial=100 + serial)
        for level in ("village", "town", "county"):
            make.decide(cast, row.number or "", level, "approve")
    announced.begin(cast, row.id)
    assert (len(numbers(cast)), len(numbers(cast, VILLAGE))) == (people, listed)
    said = read(cast, announced.notice(cast, row.id).id)
    assert bool(said["holder_masked"]) == bool(said["village"]) == bool(listed)


def test_nothing_of_it_is_left_after_the_end(cast: Cast) -> None:
    row = announced.announced(cast)
    announced.pass_by(cast, row.id)
    found = announced.notice(cast, row.id)
    assert (found.shown, found.ended_as) == (None, "completed")
    with cast.db.reading() as session:
        assert session.scalar(text("SELECT COUNT(*) FROM public_notice WHERE shown IS NULL")) == 1
    with pytest.raises(Gone):
        read(cast, found.id)


def test_the_last_second_counts_and_midnight_ends_it(cast: Cast) -> None:
    row = announced.announced(cast)
    found = announced.notice(cast, row.id)
    cast.clock.set(announced.at(found.closes_on, 23, 59, 59))
    assert announced.sweep(cast) == 0
    cast.clock.set(announced.at(found.closes_on + timedelta(days=1), 0, 3))
    assert announced.sweep(cast) == 1
    assert make.load(cast, row.id).queue == "town"


def test_a_notice_over_the_new_year_knows_the_holidays(cast: Cast) -> None:
    """1 to 3 January 2026 were holidays, Sunday the 4th was worked instead."""
    cast.clock.set(announced.at(date(2025, 12, 30)))
    found = announced.notice(cast, announced.announced(cast).id)
    assert (found.opens_on, found.closes_on) == (date(2025, 12, 31), date(2026, 1, 7))


def test_a_make_up_saturday_is_a_day_of_notice(cast: Cast) -> None:
    """Saturday 10 October 2026 is worked for the National Day week."""
    cast.clock.set(announced.at(date(2026, 9, 30)))
    found = announced.notice(cast, announced.announced(cast).id)
    assert found.opens_on == date(2026, 10, 8)
    assert found.closes_on == date(2026, 10, 13)


def test_a_withdrawn_case_takes_its_notice_with_it(cast: Cast) -> None:
    row = announced.announced(cast)
    found = announced.begin(cast, row.id)
    announced.object_to(cast, found.id)
    make.withdraw(cast, row.id)
    after = announced.notice(cast, row.id)
    assert (after.shown, after.ended_as, make.load(cast, row.id).paused_at) == (None, "withdrawn", None)
    assert numbers(cast) == []


def test_an_empty_village_is_announced_once_by_the_town(cast: Cast) -> None:
    row = make.submitted(cast, item="family-award", region=EMPTY_VILLAGE)
    assert row.queue == "town"
    make.decide(cast, row.number or "", "town", "approve")
    announced.pass_by(cast, row.id)
    assert make.load(cast, row.id).queue == "county"


def test_a_reopened_case_is_announced_again(cast: Cast) -> None:
    row = make.submitted(cast, item="hardship-support")
    for level in ("village", "town", "county"):
        make.decide(cast, row.number or "", level, "approve")
    announced.pass_by(cast, row.id)
    make.reopen(cast, row.number or "", cast.reviewers["county"])
    make.decide(cast, row.number or "", "county", "approve")
    assert make.load(cast, row.id).status == S.IN_NOTICE


def test_two_relays_at_once_conclude_each_case_once(cast: Cast) -> None:
    rows = [announced.announced(cast, "甲乙丙丁戊己"[n] + "某", serial=100 + n) for n in range(6)]
    cast.clock.set(announced.at(date(2026, 12, 1), 8))
    done: list[int] = []
    relays = [threading.Thread(target=lambda: done.append(announced.sweep(cast))) for _ in range(3)]
    for relay in relays:
        relay.start()
    for relay in relays:
        relay.join()
    while announced.sweep(cast):
        pass
    for row in rows:
        after = make.load(cast, row.id)
        assert (after.status, after.queue) == (S.IN_REVIEW, "town")
        assert announced.moves_of(cast, row.id).count("pass_notice_up") == 1


def test_a_sweep_killed_half_way_leaves_everything(cast: Cast) -> None:
    row = announced.announced(cast)
    found = announced.notice(cast, row.id)
    cast.clock.set(announced.at(date(2026, 12, 1), 8))

    def killed(session, **arguments):  # type: ignore[no-untyped-def]
        announced.notices.conclude(session, **arguments)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cast.run(killed, calendar=cast.calendar, notice_id=found.id, now=cast.clock(), at=announced.system_clock())
    assert make.load(cast, row.id).status == S.IN_NOTICE
    assert announced.notice(cast, row.id).shown is not None
    assert (announced.sweep(cast), announced.sweep(cast)) == (1, 0)
