"""What text messages cost: counted once, told in time, and nothing but codes when the month's budget is used up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from backend.db import Database
from backend.kernel.crypto import Vault
from backend.models.delivery import Delivery
from backend.models.desk import StaffMessage
from backend.models.resident import Resident
from backend.models.staff import Staff
from backend.notifications import costs, planning
from backend.notifications.costs import Month, Tariff
from tests.clock import MONDAY

#: 45 thousandths a part: 10 yuan are 222 parts.
TARIFF, FREE = Tariff("阳光办", 45, 10), Tariff("阳光办", 45, 0)
SHORT, LONG = "字" * 65, "字" * 66
ADMINS = (11, 12)


@pytest.fixture
def db(database: Database) -> Database:
    def people(session: object) -> None:
        for one in (*ADMINS, 13, 14):
            role = "admin" if one in (*ADMINS, 14) else "reviewer"
            row = Staff(id=one, username=f"s{one}", name="", post="岗", role=role, level="county", active=one != 14)
            row.region, row.password_hash, row.created_at, row.updated_at = "370402000000", "x", MONDAY, MONDAY
            session.add(row)  # type: ignore[attr-defined]

    database.transact(people)
    return database


def book(db: Database, texts: list[str], *, tariff: Tariff = TARIFF, now: datetime = MONDAY) -> None:
    db.transact(costs.book, tariff=tariff, texts=texts, now=now)


def month(db: Database) -> Month:
    with db.reading() as session:
        return costs.months(session)[0]


def warnings(db: Database) -> list[tuple[int, int]]:
    """(administrator, percent), sorted."""
    with db.reading() as session:
        rows = session.scalars(select(StaffMessage)).all()
        return sorted((row.staff_id, row.facts["percent"]) for row in rows)


def test_messages_and_their_parts_are_counted_with_the_sign(db: Database) -> None:
    book(db, [SHORT, SHORT])
    book(db, [LONG])
    found = month(db)
    assert (found.month, found.messages, found.parts, found.cost) == ("2026-11", 3, 4, 180)


def test_nothing_taken_writes_nothing(db: Database) -> None:
    book(db, [])
    with db.reading() as session:
        assert costs.months(session) == []


def test_month_is_that_of_the_calendar_in_china(db: Database) -> None:
    book(db, [SHORT], now=datetime(2026, 11, 30, 15, 59, tzinfo=UTC))
    book(db, [SHORT], now=datetime(2026, 11, 30, 16, 1, tzinfo=UTC))
    with db.reading() as session:
        assert [one.month for one in costs.months(session)] == ["2026-12", "2026-11"]


def test_processes_that_count_at_once_lose_nothing_and_warn_once(db: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: book(db, [SHORT] * 10), range(24)))
    assert (month(db).messages, month(db).cost) == (240, 10_800)
    assert warnings(db) == [(admin, percent) for admin in ADMINS for percent in (80, 100)]


def test_administrators_are_told_once_at_eighty_percent_and_once_at_the_end(db: Database) -> None:
    book(db, [SHORT] * 177)
    assert warnings(db) == []
    book(db, [SHORT])
    assert warnings(db) == [(admin, 80) for admin in ADMINS]
    book(db, [SHORT] * 100)
    book(db, [SHORT])
    assert warnings(db) == [(admin, percent) for admin in ADMINS for percent in (80, 100)]
    assert month(db).exhausted_at == MONDAY


def test_raised_budget_lets_messages_out_again_and_warns_anew(db: Database) -> None:
    book(db, [SHORT] * 250)
    raised = Tariff("阳光办", 45, 15)
    with db.reading() as session:
        assert costs.used_up(session, tariff=TARIFF, now=MONDAY)
        assert not costs.used_up(session, tariff=raised, now=MONDAY)
    book(db, [SHORT] * 100, tariff=raised, now=MONDAY + timedelta(hours=1))
    assert len(warnings(db)) == 8
    assert month(db).exhausted_at == MONDAY


def test_budget_is_new_every_month_and_none_is_none(db: Database) -> None:
    book(db, [SHORT] * 300)
    with db.reading() as session:
        assert costs.left(session, tariff=TARIFF, now=MONDAY) == 0
        assert costs.left(session, tariff=TARIFF, now=MONDAY + timedelta(days=31)) == 10_000
        assert costs.left(session, tariff=FREE, now=MONDAY) is None
        assert not costs.used_up(session, tariff=FREE, now=MONDAY)


def test_what_the_budget_keeps_in_says_so_in_its_record(db: Database, vault: Vault) -> None:
    def begin(session: object) -> int:
        key = vault.new_person_key(7)
        session.add(Resident(id=7, key=key, created_at=MONDAY, updated_at=MONDAY))  # type: ignore[attr-defined]
        return planning.begin(
            session,  # type: ignore[arg-type]
            vault.person(key, 7),
            resident_id=7,
            kind="correction_requested",
            event="e",
            channels=("sms",),
            said={"sms": {"text": "x", "params": []}},
            priority=1,
            not_after=None,
            application_id=None,
            due_at=MONDAY,
            now=MONDAY,
        )

    one = db.transact(begin)
    db.transact(costs.turn_away, vault, delivery_ids=[one], now=MONDAY)
    with db.reading() as session:
        row = session.get(Delivery, one)
        assert row is not None
        assert (row.status, row.error, row.content) == ("failed", "budget", None)


@pytest.mark.parametrize(("cost", "said"), [(0, "0.00"), (45, "0.05"), (12_344, "12.34"), (1_000_000, "1000.00")])
def test_yuan_are_said_with_two_digits(cost: int, said: str) -> None:
    assert costs.yuan(cost) == said
