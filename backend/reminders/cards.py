"""What stands in a row, as its woman sees it: the day it comes next, and what she can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kernel.clock import today
from backend.kernel.crypto import Vault
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.kernel.workdays import Calendar
from backend.models.reminder import Reminder
from backend.reminders import content as contents
from backend.reminders.content import Content
from backend.reminders.policy import ACTIONS, ReminderStatus as S, months_after, tell_at
from backend.reminders.terms import terms


@dataclass(frozen=True, slots=True)
class Wish:
    """What she sets. ``hour``: of the clock in China; ``channel``: inbox, sms or wechat."""

    start_on: date
    channel: str
    hour: int
    every_months: int


@dataclass(frozen=True, slots=True)
class Book:
    """What every command needs: the reminders' own keys, the working days, and the moment."""

    vault: Vault
    calendar: Calendar
    now: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """Her reminder as she sees it. ``next_at``: ``None`` while it rests; ``is_open``: one came and waits for her."""

    id: int
    version: int
    wish: Wish
    next_at: datetime | None
    done_on: date | None
    told_on: date | None
    status: S
    is_open: bool
    text_version: str
    agreed_on: date

    @property
    def next_on(self) -> date | None:
        return today(self.next_at) if self.next_at else None

    @property
    def actions(self) -> tuple[str, ...]:
        return ACTIONS[self.status]


def mine(session: Session, *, book: Book, resident_id: int) -> Card:
    """Hers; ``NotFound`` where she has set none."""
    row = row_of(session, book.vault, resident_id, lock=False)
    if row is None:
        raise no_reminder()
    return _card(book, row)


def of_person(session: Session, vault: Vault, resident_id: int) -> list[dict[str, Any]]:
    """For her own copy of the data."""
    row = row_of(session, vault, resident_id, lock=False)
    if row is None:
        return []
    found = contents.open_(vault, row)
    names = ("start_on", "every_months", "hour", "channel", "done_on", "planned_on", "paused", "text_version")
    return [{name: getattr(found, name) for name in (*names, "agreed_on", "told_on", "seen_on")}]


def due_at(book: Book, content: Content) -> datetime:
    """When the row is looked at next: to be told, or while it rests, to end after long silence."""
    if content.paused:
        ends_on = months_after(content.seen_on, terms().silent_months)
        return tell_at(ends_on, content.hour, now=book.now, calendar=book.calendar)
    return tell_at(content.planned_on, content.hour, now=book.now, calendar=book.calendar)


def row_of(session: Session, vault: Vault, resident_id: int, *, lock: bool = True) -> Reminder | None:
    query = select(Reminder).where(Reminder.person == contents.person(vault, resident_id))
    return session.scalar(query.with_for_update() if lock else query)


def _card(book: Book, row: Reminder) -> Card:
    found = contents.open_(book.vault, row)
    return Card(
        id=row.id,
        version=row.version,
        wish=Wish(found.start_on, found.channel, found.hour, found.every_months),
        next_at=None if found.paused else due_at(book, found),
        done_on=found.done_on,
        told_on=found.told_on,
        status=status_of(found),
        is_open=is_open(found, today(book.now)),
        text_version=found.text_version,
        agreed_on=found.agreed_on,
    )


def status_of(content: Content) -> S:
    return S.PAUSED if content.paused else S.ACTIVE


def is_open(content: Content, on: date) -> bool:
    """Whether the last one came lately and she has not done it since."""
    told = content.told_on
    if told is None or on > told + timedelta(days=terms().open_days):
        return False
    return content.done_on is None or content.done_on < told


def no_reminder() -> NotFound:
    return NotFound("not_found", N_("您还没有定提醒，想要就定一个"))
