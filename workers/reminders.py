"""Reminders in the background. No number leaves this file: not even how many there are is for anybody to know."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.events import leasing
from backend.events.leasing import Leased
from backend.reminders import fanout, telling
from backend.reminders.cards import Book
from backend.reminders.telling import Door
from backend.runtime import Runtime
from workers.kinds import together


def say(session: Session, runtime: Runtime, row: Leased, now: datetime) -> None:
    """Tell one round and forget the work: its time beside that of a message would tell whose it was."""
    telling.tell(
        session,
        book=Book(runtime.reminder_vault, runtime.calendar, now),
        door=Door(runtime.vault, runtime.settings.base_url),
        reminder_id=row.subject_id,
        round_=int(row.reference),
    )
    leasing.forget(session, [row])


tell = together(say)


def fan_out(runtime: Runtime) -> int:
    """Work for everything that is due; always 0, because what a sweep returns is logged."""
    now, place = runtime.clock(), None
    runtime.db.transact(fanout.bury)
    while (place := runtime.db.transact(fanout.fan_out, now=now, after=place)) is not None:
        pass
    runtime.wake(fanout.TOPIC)
    return 0
