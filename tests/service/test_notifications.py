"""The inbox: sealed, once per event, one's own."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from backend.db import Database
from backend.kernel.crypto import Vault
from backend.kernel.errors import NotFound
from backend.models.notification import Message
from backend.models.resident import Resident
from backend.notifications import queries, service
from tests.clock import MONDAY

RESIDENT, STRANGER = 7, 8
PARAMS = {"service": "婚育情况证明", "number": "YG2611-ABCDEF", "phone": "0632-12345", "due_on": date(2026, 12, 8)}


@pytest.fixture
def db(sqlite_database: Database, vault: Vault) -> Database:
    def people(session: object) -> None:
        for person in (RESIDENT, STRANGER):
            key = vault.new_person_key(person)
            session.add(Resident(id=person, key=key, created_at=MONDAY, updated_at=MONDAY))  # type: ignore[attr-defined]

    sqlite_database.transact(people)
    return sqlite_database


def tell(db: Database, vault: Vault, *, event: str = "e1", minutes: int = 0) -> int | None:
    return db.transact(
        service.tell,
        vault,
        resident_id=RESIDENT,
        template="correction_requested",
        event=event,
        params=PARAMS,
        now=MONDAY + timedelta(minutes=minutes),
        application_number="YG2611-ABCDEF",
    )


def inbox(db: Database, vault: Vault, *, language: str = "zh", resident_id: int = RESIDENT) -> list[str]:
    with db.reading() as session:
        cards, _ = queries.inbox(session, vault, resident_id=resident_id, language=language)
    return [card.text for card in cards]


def test_message_says_date_with_weekday_in_both_languages(db: Database, vault: Vault) -> None:
    tell(db, vault)
    assert "12 月 8 日（周二）" in inbox(db, vault)[0]
    assert "Tuesday 8 December" in inbox(db, vault, language="en")[0]


def test_message_of_one_event_is_told_once(db: Database, vault: Vault) -> None:
    assert tell(db, vault) is not None
    assert tell(db, vault) is None
    assert len(inbox(db, vault)) == 1


def test_message_is_sealed_in_the_table(db: Database, vault: Vault) -> None:
    tell(db, vault)
    with db.reading() as session:
        assert session.scalars(select(Message.content)).one().startswith("v1|p|")


def test_message_of_an_erased_person_is_neither_written_nor_read(db: Database, vault: Vault) -> None:
    tell(db, vault)
    db.transact(lambda session: session.execute(update(Resident).values(key="")))
    assert inbox(db, vault) == []
    assert tell(db, vault, event="e2") is None


def test_inbox_pages_newest_first_without_gap(db: Database, vault: Vault) -> None:
    ids = [tell(db, vault, event=f"e{n}", minutes=n // 2) for n in range(7)]
    seen, cursor = [], None
    with db.reading() as session:
        while True:
            cards, cursor = queries.inbox(session, vault, resident_id=RESIDENT, limit=2, cursor=cursor)
            seen += [card.id for card in cards]
            if cursor is None:
                break
    assert sorted(seen) == sorted(i for i in ids if i)
    assert len(seen) == len(set(seen)) == 7


def test_first_reading_counts_and_only_ones_own(db: Database, vault: Vault) -> None:
    message = tell(db, vault) or 0
    with pytest.raises(NotFound):
        db.transact(service.mark_read, resident_id=STRANGER, message_id=message, now=MONDAY)
    for minutes in (1, 2):
        now = MONDAY + timedelta(minutes=minutes)
        db.transact(service.mark_read, resident_id=RESIDENT, message_id=message, now=now)
    with db.reading() as session:
        assert session.scalars(select(Message.read_at)).one() == MONDAY + timedelta(minutes=1)
        assert queries.unread(session, resident_id=RESIDENT) == 0
    assert inbox(db, vault, resident_id=STRANGER) == []


def test_a_message_whose_id_was_taken_is_told_all_the_same(
    db: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids of one millisecond are drawn by lot: among many messages two may be the same."""
    drawn = iter([5, 5, 6])
    monkeypatch.setattr(service, "new_id", lambda _: next(drawn))
    assert (tell(db, vault), tell(db, vault, event="e2")) == (5, 6)
    assert len(inbox(db, vault)) == 2
