"""Whoever copies every table, but not the reminders' keys, cannot tell who has a reminder, or had one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from backend.kernel import ids
from backend.kernel.crypto import Unreadable, Vault
from backend.kernel.stopping import stop_word
from backend.models.base import Base
from backend.models.notification import Message
from backend.models.reminder import Reminder
from backend.notifications import service as notifications
from backend.reminders import content
from backend.runtime import Runtime
from tests import reminding
from tests.clock import MovableClock
from tests.people import assemble
from tests.reminding import Woman
from workers import drain, registry

TUESDAY = date(2026, 11, 24)


@pytest.fixture
def runtime(runtime: Runtime, clock: MovableClock) -> Runtime:
    return replace(runtime, clock=clock)


@pytest.fixture
def woman(runtime: Runtime, clock: MovableClock) -> Woman:
    cast = assemble(runtime.db, runtime.vault, clock)
    return Woman(cast, runtime, cast.resident("李䶮", 8))


def dump(runtime: Runtime) -> dict[str, list[tuple[Any, ...]]]:
    with runtime.db.reading() as session:
        return {
            name: [tuple(row) for row in session.execute(select(table))] for name, table in Base.metadata.tables.items()
        }


def told(woman: Woman, channel: str = "sms") -> dict[str, list[tuple[Any, ...]]]:
    """Everything there is after a reminder came and went out."""
    woman.put(TUESDAY, channel=channel)
    assert len(woman.wait_and_work(TUESDAY)) == 1
    drain.drain(woman.at, registry.TOPICS["send_sms"], go_on=lambda: True)
    return dump(woman.at)


def test_no_value_of_the_reminder_stands_in_any_other_table(woman: Woman) -> None:
    found = told(woman)
    [row] = reminding.rows(woman.at)
    marks = {str(row.id), ids.encode(row.id), row.person, row.stop_index, row.due_at.isoformat(" "), woman.word}
    others = {name: str(rows) for name, rows in found.items() if name != Reminder.__tablename__}
    assert {name for name, text in others.items() if any(mark in text for mark in marks)} == set()
    assert not [name for name, text in others.items() if "own_date" in text and name != "periodic_work"]
    assert str(woman.id) not in str(found[Reminder.__tablename__])


def test_beside_the_account_stands_a_message_and_nothing_else_new(woman: Woman) -> None:
    before = {name for name, rows in dump(woman.at).items() if str(woman.id) in str(rows)}
    after = {name for name, rows in told(woman).items() if str(woman.id) in str(rows)}
    assert after - before == {"message"}


def test_the_work_of_sending_is_gone_too(woman: Woman) -> None:
    """Its id has the moment of the message in it, and only a reminder's delivery leaves no row of its own."""
    assert told(woman)["outbox"] == []


def test_no_moment_of_the_message_stands_beside_the_reminder(woman: Woman) -> None:
    told(woman)
    [message] = reminding.rows(woman.at, Message)
    [row] = reminding.rows(woman.at)
    assert message.sent_at not in (row.due_at,)
    assert message.id >> 22 != row.id >> 22
    assert reminding.left(woman.at) == []


def test_the_message_looks_like_that_of_any_other_reminder(woman: Woman) -> None:
    """A follow-up is told by the same words; the last word of one that ends is as long as the others."""
    told(woman)
    base, now = "http://localhost/follow-ups", woman.at.clock()
    asked = {"link": f"{base}/{ids.encode(7)}", "stop": f"{base}/stop/{stop_word(woman.at.vault, 'x', 7)}"}
    for event, params in (("a" * 32, asked), ("b" * 32, {"link": "http://localhost/reminders", "over": True})):
        woman.at.db.transact(
            notifications.tell,
            woman.at.vault,
            resident_id=woman.id,
            template="own_reminder",
            event=event,
            params=params,
            now=now,
        )
    rows = reminding.rows(woman.at, Message)
    shapes = {(row.template, row.version, len(row.event), len(row.content)) for row in rows}
    assert (len(rows), len(shapes)) == (3, 1)


def test_another_key_opens_nothing_and_finds_nobody(woman: Woman) -> None:
    told(woman)
    [row] = reminding.rows(woman.at)
    for keys in (woman.at.vault, Vault.of_one_key(b"z" * 32)):
        assert content.person(keys, woman.id) != row.person
        with pytest.raises((Unreadable, KeyError)):
            content.open_(keys, row)


def test_nothing_of_it_stays_after_she_stopped(woman: Woman) -> None:
    told(woman)
    woman.stop()
    found = dump(woman.at)
    assert found[Reminder.__tablename__] == []
    assert not [name for name, rows in found.items() if "own_date" in str(rows) and name != "periodic_work"]


def test_the_product_counts_and_logs_none(woman: Woman, caplog: pytest.LogCaptureFixture) -> None:
    told(woman)
    assert "own_date" not in caplog.text
    assert str(woman.id) not in caplog.text
