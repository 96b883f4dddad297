"""Somebody who sets a reminder for herself, on the product's own runtime; nothing here goes around a command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.events import leasing
from backend.kernel.clock import SHANGHAI, system_clock, today
from backend.kernel.crypto import Vault
from backend.models.delivery import Delivery
from backend.models.outbox import Outbox
from backend.models.reminder import Reminder
from backend.notifications import queries
from backend.notifications.queries import MessageCard
from backend.reminders import cards, content, service
from backend.reminders.cards import Book, Card, Wish
from backend.runtime import Runtime
from tests.people import Cast
from workers import drain, registry, reminders

#: The reminders' own keys of tests that have no whole installation.
VAULT = Vault.of_one_key(b"r" * 32)
TOPIC = registry.TOPICS["own_date"]


@dataclass
class Woman:
    """``at``: the runtime with a clock that can be moved."""

    cast: Cast
    at: Runtime
    id: int

    @property
    def book(self) -> Book:
        return Book(self.at.reminder_vault, self.at.calendar, self.at.clock())

    @property
    def today(self) -> date:
        return today(self.at.clock())

    @property
    def word(self) -> str:
        return content.word(self.at.reminder_vault, self.id)

    def put(self, start_on: date | None = None, *, expected_version: int | None = None, **wish: Any) -> Card:
        text_version = wish.pop("text_version", None)
        whole = {"channel": "inbox", "hour": 10, "every_months": 3, **wish, "start_on": start_on or self.day(1)}
        return self.act(service.put, wish=Wish(**whole), text_version=text_version, expected_version=expected_version)

    def act(self, command: Callable[..., int], **arguments: Any) -> Card:
        self.at.db.transact(command, book=self.book, resident_id=self.id, **arguments)
        return self.mine()

    def mine(self) -> Card:
        with self.at.db.reading() as session:
            return cards.mine(session, book=self.book, resident_id=self.id)

    def stop(self) -> None:
        self.at.db.transact(service.stop_mine, self.at.reminder_vault, resident_id=self.id)

    def day(self, more: int) -> date:
        return self.today + timedelta(days=more)

    def heard(self) -> list[MessageCard]:
        """What reminders told, newest first."""
        with self.at.db.reading() as session:
            cards, _ = queries.inbox(session, self.at.vault, resident_id=self.id, limit=100)
        return [card for card in cards if card.template == "own_reminder"]

    def wait_until(self, day: date, hour: int = 10, minute: int = 0) -> None:
        self.at.clock.set(datetime.combine(day, time(hour, minute), SHANGHAI))  # type: ignore[attr-defined]

    def wait_and_work(self, day: date, hour: int = 10) -> list[MessageCard]:
        self.wait_until(day, hour)
        work(self.at)
        return self.heard()


def work(runtime: Runtime) -> None:
    """What the relay and the workers would do now."""
    reminders.fan_out(runtime)
    drain.drain(runtime, TOPIC, go_on=lambda: True)


def rows(runtime: Runtime, kind: type[Any] = Reminder) -> list[Any]:
    with runtime.db.reading() as session:
        return list(session.scalars(select(kind)))


def left(runtime: Runtime) -> list[Outbox]:
    """Work on reminders that is left."""
    return [row for row in rows(runtime, Outbox) if row.topic == TOPIC.name]


def deliveries(runtime: Runtime) -> list[Delivery]:
    return rows(runtime, Delivery)


def kill(session: Session) -> None:
    """All of that work is dead."""
    session.execute(update(Outbox).where(Outbox.topic == TOPIC.name).values(status="dead"))


def lease(runtime: Runtime) -> list[leasing.Leased]:
    """A worker takes all of it and dies."""
    return runtime.db.transact(
        leasing.lease, topic=TOPIC.name, now=runtime.clock(), beat=system_clock(), seconds=-1, limit=500
    )
