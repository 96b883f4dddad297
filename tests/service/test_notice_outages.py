"""Days on which nobody could read the page are made up for, once, and only by the machine's clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from backend.applications import heartbeats, notice_facts, notices
from backend.db import Database
from backend.kernel.crypto import Vault
from backend.lifecycles.application import ApplicationStatus as S
from backend.models.audit import AuditEntry
from backend.models.notice import PageOutage
from tests import announced, factories as make
from tests.clock import MovableClock
from tests.people import Cast, assemble

#: The second day of the notice, and its last.
TUESDAY, LAST = date(2026, 11, 25), date(2026, 11, 30)


@pytest.fixture
def cast(database: Database, vault: Vault, clock: MovableClock) -> Cast:
    whole = assemble(database, vault, clock)
    whole.publish()
    return whole


def look(cast: Cast, at: datetime, *, readable: bool = True) -> None:
    cast.run(heartbeats.record, readable=readable, at=at)


def away(cast: Cast, day: date, since: int = 7, until: int = 19) -> None:
    """Looked at each five minutes, and not there for some hours."""
    look(cast, announced.at(day, since - 1, 58))
    for minute in range((until - since) * 12):
        look(cast, announced.at(day, since) + timedelta(minutes=5 * minute), readable=False)
    look(cast, announced.at(day, until))


def outages(cast: Cast) -> list[tuple[datetime, datetime | None]]:
    with cast.db.reading() as session:
        rows = session.scalars(select(PageOutage).order_by(PageOutage.began_at))
        return [(row.began_at, row.ended_at) for row in rows]


def extend(cast: Cast, at: datetime) -> int:
    with cast.db.reading() as session:
        found = notices.unlucky(session, calendar=cast.calendar, at=at, limit=200)
    now = cast.clock()
    return sum(cast.run(notices.extend, calendar=cast.calendar, notice_id=one, now=now, at=at) for one in found)


def conclude(cast: Cast, notice_id: int, at: datetime) -> bool:
    done: bool = cast.run(notices.conclude, calendar=cast.calendar, notice_id=notice_id, now=cast.clock(), at=at)
    return done


def test_a_failed_look_opens_an_outage_and_a_good_one_ends_it(cast: Cast) -> None:
    start = announced.at(TUESDAY)
    for minute, readable in enumerate([True, False, False, True, True]):
        look(cast, start + timedelta(minutes=minute), readable=readable)
    assert outages(cast) == [(start, start + timedelta(minutes=3))]


def test_a_gap_between_looks_is_an_outage(cast: Cast) -> None:
    start = announced.at(TUESDAY)
    for minute in (0, 10, 21):
        look(cast, start + timedelta(minutes=minute))
    assert outages(cast) == [(start + timedelta(minutes=10), start + timedelta(minutes=21))]


def test_a_lost_day_moves_every_open_notice_by_one_working_day_once(cast: Cast) -> None:
    rows = [announced.announced(cast, who, serial=serial) for who, serial in (("王㐂", 7), ("甲某", 8))]
    away(cast, TUESDAY)
    evening = announced.at(TUESDAY, 20)
    cast.clock.set(evening)
    assert (extend(cast, evening), extend(cast, evening)) == (2, 0)
    for row in rows:
        found = announced.notice(cast, row.id)
        assert (found.closes_on, found.extended_days) == (date(2026, 12, 1), 1)
        with cast.db.reading() as session:
            told = notice_facts.of_case(session, row.id)
            acts = session.scalars(select(AuditEntry.act).where(AuditEntry.subject_id == row.id)).all()
        assert told is not None
        assert (told["extended_days"], acts.count("notice.extend")) == (1, 1)


def test_half_a_day_away_moves_nothing(cast: Cast) -> None:
    announced.announced(cast)
    away(cast, TUESDAY, since=7, until=15)
    assert extend(cast, announced.at(TUESDAY, 20)) == 0


def test_a_notice_that_had_not_begun_keeps_its_days(cast: Cast) -> None:
    cast.clock.set(announced.at(TUESDAY))
    announced.announced(cast)
    away(cast, TUESDAY)
    assert extend(cast, announced.at(TUESDAY, 20)) == 0


def test_a_lost_last_day_is_made_up_before_anything_is_concluded(cast: Cast) -> None:
    """Nothing ran from the last morning until the next day: the relay comes back, looks, and only then goes on."""
    row = announced.announced(cast)
    look(cast, announced.at(LAST, 7))
    back = announced.at(date(2026, 12, 1), 9)
    cast.clock.set(back)
    found = announced.notice(cast, row.id)
    assert not conclude(cast, found.id, back)
    look(cast, back)
    assert conclude(cast, found.id, back)
    after = announced.notice(cast, row.id)
    assert (after.closes_on, after.shown is not None) == (date(2026, 12, 1), True)
    assert make.load(cast, row.id).status == S.IN_NOTICE


def test_a_day_that_was_added_may_be_lost_too(cast: Cast) -> None:
    row = announced.announced(cast)
    away(cast, LAST)
    cast.clock.set(announced.at(LAST, 20))
    extend(cast, cast.clock())
    away(cast, date(2026, 12, 1))
    cast.clock.set(announced.at(date(2026, 12, 1), 20))
    extend(cast, cast.clock())
    found = announced.notice(cast, row.id)
    assert (found.closes_on, found.extended_days) == (date(2026, 12, 2), 2)


def test_moving_the_products_clock_makes_no_outage(cast: Cast) -> None:
    row = announced.announced(cast)
    machine = announced.at(date(2026, 11, 23))
    for minute in range(5):
        cast.clock.advance(timedelta(days=3))
        look(cast, machine + timedelta(minutes=minute))
    assert outages(cast) == []
    assert conclude(cast, announced.notice(cast, row.id).id, machine + timedelta(minutes=5))
    assert announced.notice(cast, row.id).extended_days == 0
