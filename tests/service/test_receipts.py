"""Receipts of providers: arrived or not, told twice, out of order, of nothing known, and what follows a failure."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.db import Database
from backend.kernel.crypto import Vault
from backend.models.delivery import Delivery
from backend.models.outbox import Outbox
from backend.models.resident import Resident
from backend.notifications import deliveries, planning, receipts
from backend.notifications.receipts import Receipt
from tests.clock import MONDAY

PERSON = 7
LATER = MONDAY + timedelta(minutes=5)
SAID = {"wechat": {"subject": "一件事"}, "sms": {"text": "请看消息", "params": []}}


@pytest.fixture
def db(database: Database, vault: Vault) -> Database:
    def person(session: object) -> None:
        key = vault.new_person_key(PERSON)
        session.add(Resident(id=PERSON, key=key, created_at=MONDAY, updated_at=MONDAY))  # type: ignore[attr-defined]

    database.transact(person)
    return database


def sent(db: Database, vault: Vault, ref: str, *, channels: tuple[str, ...] = ("sms",), event: str = "e") -> int:
    """A delivery that the provider has taken under that name."""

    def begin(session: object) -> int:
        person = planning.recipient(session, PERSON)  # type: ignore[arg-type]
        assert person is not None
        one = planning.begin(
            session,  # type: ignore[arg-type]
            vault.person(person.key, PERSON),
            resident_id=PERSON,
            kind="correction_requested",
            event=event,
            channels=channels,
            said=SAID,
            priority=1,
            not_after=None,
            application_id=None,
            due_at=MONDAY,
            now=MONDAY,
        )
        row = session.get(Delivery, one)  # type: ignore[attr-defined]
        deliveries.hand_over(session, row, provider_ref=ref, now=MONDAY)  # type: ignore[arg-type]
        return one

    return db.transact(begin)


def told(db: Database, vault: Vault, *said: Receipt, channel: str = "sms") -> int:
    return db.transact(receipts.settle, vault, channel=channel, receipts=said, now=LATER)


def seen(db: Database, delivery_id: int) -> tuple[str, str | None]:
    with db.reading() as session:
        row = session.get(Delivery, delivery_id)
        assert row is not None
        return row.status, row.error


def channels_of(db: Database) -> list[tuple[str, str]]:
    with db.reading() as session:
        rows = session.execute(select(Delivery.channel, Delivery.status).order_by(Delivery.id)).all()
        return [(channel, status) for channel, status in rows]


def test_receipt_says_that_a_message_arrived(db: Database, vault: Vault) -> None:
    one = sent(db, vault, "s1")
    assert told(db, vault, Receipt("s1")) == 1
    assert seen(db, one) == ("delivered", None)


def test_receipt_told_twice_changes_nothing(db: Database, vault: Vault) -> None:
    one = sent(db, vault, "s1")
    assert [told(db, vault, Receipt("s1"), Receipt("s1")), told(db, vault, Receipt("s1"))] == [1, 0]
    assert seen(db, one) == ("delivered", None)


def test_what_has_arrived_cannot_fail_any_more(db: Database, vault: Vault) -> None:
    one = sent(db, vault, "s1")
    told(db, vault, Receipt("s1"), Receipt("s1", "MK:0001"))
    assert told(db, vault, Receipt("s1", "MK:0001")) == 0
    assert seen(db, one) == ("delivered", None)


def test_receipt_of_nothing_known_or_of_another_channel_is_harmless(db: Database, vault: Vault) -> None:
    one = sent(db, vault, "s1")
    assert told(db, vault, Receipt("s2", "MK:0001")) == 0
    assert told(db, vault, Receipt("s1", "MK:0001"), channel="wechat") == 0
    assert told(db, vault) == 0
    assert seen(db, one) == ("sent", None)


def test_failure_on_the_last_channel_shows_as_failed(db: Database, vault: Vault) -> None:
    one = sent(db, vault, "s1")
    assert told(db, vault, Receipt("s1", "MK:0001")) == 1
    assert seen(db, one) == ("failed", "MK:0001")
    assert channels_of(db) == [("sms", "failed")]


def test_failure_begins_the_next_channel_once(db: Database, vault: Vault) -> None:
    sent(db, vault, "w1", channels=("wechat", "sms"))
    for _ in range(3):
        told(db, vault, Receipt("w1", "failed"), channel="wechat")
    assert channels_of(db) == [("wechat", "failed"), ("sms", "waiting")]
    with db.reading() as session:
        assert session.scalars(select(Outbox.topic).where(Outbox.topic == "send_sms")).all() == ["send_sms"]


def test_many_receipts_in_one_report_each_find_their_message(db: Database, vault: Vault) -> None:
    ones = [sent(db, vault, f"s{n}", event=f"e{n}") for n in range(6)]
    said = [Receipt(f"s{n}", "" if n % 2 else "DB:0141") for n in range(6)]
    assert told(db, vault, *said) == 6
    assert [seen(db, one)[0] for one in ones] == ["failed", "delivered"] * 3


def early(db: Database, vault: Vault, *said: Receipt) -> int:
    return db.transact(receipts.keep, channel="sms", receipts=said, now=MONDAY)


def caught_up(db: Database, vault: Vault) -> int:
    return db.transact(receipts.catch_up, vault, now=LATER, limit=200)


def test_receipt_that_comes_before_the_call_is_written_down_is_not_lost(db: Database, vault: Vault) -> None:
    assert early(db, vault, Receipt("s1", "MK:0001"), Receipt("s2"), Receipt("code's")) == 3
    assert caught_up(db, vault) == 0
    failed, arrived = sent(db, vault, "s1", event="a"), sent(db, vault, "s2", event="b")
    assert caught_up(db, vault) == 2
    assert [seen(db, failed), seen(db, arrived)] == [("failed", "MK:0001"), ("delivered", None)]
    assert caught_up(db, vault) == 0


def test_first_word_kept_counts_and_known_messages_are_not_kept(db: Database, vault: Vault) -> None:
    sent(db, vault, "known")
    assert early(db, vault, Receipt("known"), Receipt("s1"), Receipt("s1", "MK:0001")) == 1
    assert early(db, vault, Receipt("s1", "MK:0001")) == 0
    one = sent(db, vault, "s1", event="later")
    caught_up(db, vault)
    assert seen(db, one) == ("delivered", None)


def test_word_that_was_kept_goes_before_a_later_one(db: Database, vault: Vault) -> None:
    early(db, vault, Receipt("s1"))
    one = sent(db, vault, "s1")
    assert told(db, vault, Receipt("s1", "MK:0001")) == 1
    assert seen(db, one) == ("delivered", None)
    assert caught_up(db, vault) == 1


def test_receipts_that_nobody_asks_for_are_forgotten(db: Database, vault: Vault) -> None:
    early(db, vault, *(Receipt(f"code:{number}") for number in range(3)))
    assert db.transact(receipts.forget, before=MONDAY, limit=200) == 0
    assert db.transact(receipts.forget, before=LATER, limit=2) == 2
    assert db.transact(receipts.forget, before=LATER, limit=2) == 1
