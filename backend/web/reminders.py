"""The reminder of one's own as both edges handle it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backend.reminders import cards, service
from backend.reminders.cards import Book, Card, Wish
from backend.web.answers import expected_version
from backend.web.context import runtime
from backend.web.guards import caller
from backend.web.once import once


def mine() -> Card:
    """The caller's; ``NotFound`` where there is none."""
    with runtime().db.reading() as session:
        return cards.mine(session, book=_book(), resident_id=caller().id)


def put(wish: Wish, text_version: str | None) -> None:
    """Set or change it."""
    _act(service.put, wish=wish, text_version=text_version)


def snooze(days: int) -> None:
    """Put it off."""
    _act(service.snooze, days=days)


def done(on: Any = None) -> None:
    """Done, today or on a day."""
    _act(service.done, on=on)


def pause() -> None:
    """Rest."""
    _act(service.pause)


def resume() -> None:
    """Go on."""
    _act(service.resume)


def seen() -> None:
    """The caller opened it from a message."""
    runtime().db.transact(service.seen, book=_book(), resident_id=caller().id)


def stop_mine() -> None:
    """Delete the caller's; none is no error."""
    at = runtime()
    at.db.transact(service.stop_mine, at.reminder_vault, resident_id=caller().id, expected_version=expected_version())


def stop(word: str) -> None:
    """Delete the reminder of this word; nobody learns whether there was one."""
    at = runtime()
    at.db.transact(service.stop, at.reminder_vault, word=word)


def _act(command: Callable[..., int], **arguments: Any) -> None:
    once(command, book=_book(), resident_id=caller().id, expected_version=expected_version(), **arguments)


def _book() -> Book:
    at = runtime()
    return Book(at.reminder_vault, at.calendar, at.clock())
