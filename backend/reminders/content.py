"""What is sealed in the row of a reminder, and the keyed hashes that stand for a person."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from backend.kernel.crypto import Vault, place
from backend.kernel.stopping import stop_word
from backend.models.reminder import Reminder
from backend.reminders.policy import Rhythm

#: Sealed to one length: how long the rest is would tell the channel and what she has pressed.
LENGTH = 360


@dataclass(slots=True)
class Content:
    """Everything about a reminder but the moment it is due.

    ``planned_on``: the day of the next one, before holidays; ``snoozed_from``: the day it was put off from;
    ``told_on``: the last one that came; ``seen_on``: her last sign of life.
    """

    resident_id: int
    start_on: date
    every_months: int
    hour: int
    channel: str
    text_version: str
    agreed_on: date
    planned_on: date
    seen_on: date
    done_on: date | None = None
    told_on: date | None = None
    snoozed_from: date | None = None
    paused: bool = False

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(self.start_on, self.every_months, self.hour, self.done_on)


_DAYS = {field.name for field in fields(Content) if "date" in str(field.type)}


def open_(vault: Vault, row: Reminder) -> Content:
    """What the row says; ``Unreadable`` under another key."""
    said: dict[str, Any] = json.loads(vault.open(row.content, place("reminder", "content", row.id)))
    return Content(**{name: _read(name, value) for name, value in said.items()})


def sealed(vault: Vault, row_id: int, content: Content) -> str:
    """The content as it is stored."""
    said = {field.name: _written(getattr(content, field.name)) for field in fields(content)}
    return vault.seal(json.dumps(said).ljust(LENGTH).encode(), place("reminder", "content", row_id))


def person(vault: Vault, resident_id: int) -> str:
    """What stands for her in the table."""
    return vault.index("person", str(resident_id))


def word(vault: Vault, resident_id: int) -> str:
    """The word of her stop link."""
    return stop_word(vault, "stop-word", resident_id)


def stop_index(vault: Vault, given: str) -> str:
    """What stands for a word in the table."""
    return vault.index("stop", given)


def event(vault: Vault, row: Reminder) -> str:
    """The key of this round's message: it stands beside an account and leads back to no row."""
    return vault.index("message", f"{row.id}:{row.round}")[:32]


def _read(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in _DAYS and value is not None else value


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
