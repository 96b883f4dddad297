"""What a reminder may be, and the text that is agreed to: data (``config/reminders.toml``), checked when loaded."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from backend.kernel.quiet import NIGHT
from backend.notifications.kinds import INBOX, SMS, WECHAT

FILE = Path(__file__).resolve().parents[2] / "config" / "reminders.toml"
LANGUAGES = ("zh", "en")
#: The inbox always has it; one more channel may be chosen.
CHANNELS = (INBOX, SMS, WECHAT)


@dataclass(frozen=True, slots=True)
class Terms:
    """Numbers are months, hours of the clock and days, as their names say; ``text``: language → what is agreed to."""

    usual_months: int
    most_months: int
    first_hour: int
    last_hour: int
    usual_hour: int
    furthest_days: int
    longest_snooze: int
    open_days: int
    silent_months: int
    good_days: int
    text_version: str
    text: Mapping[str, str]


@cache
def terms() -> Terms:
    """Ours; the file is read once per process."""
    return load()


def load(file: Path = FILE) -> Terms:
    """The checked file; ``ValueError`` names what is wrong."""
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    try:
        consent = table.pop("consent")
        version = consent.pop("version")
        made = Terms(
            **{name: _number(name, value) for name, value in table.items()}, text_version=version, text=consent
        )
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"{file.name}: {error}") from error
    for wrong in _faults(made):
        raise ValueError(f"{file.name}: {wrong}")
    return made


def _number(name: str, value: Any) -> int:
    if type(value) is not int or not 0 < value <= 1000:
        raise ValueError(f"{name}: must be a whole number from 1 to 1000")
    return value


def _faults(made: Terms) -> list[str]:
    words = (made.text_version, *made.text.values())
    day = (NIGHT.end.hour, made.first_hour, made.usual_hour, made.last_hour, NIGHT.start.hour - 1)
    found = []
    if tuple(made.text) != LANGUAGES or not all(isinstance(word, str) and word.strip() for word in words):
        found.append("consent: needs version, zh and en")
    if list(day) != sorted(day):
        found.append("first_hour, usual_hour, last_hour: must follow each other, outside the quiet hours")
    if not made.usual_months <= made.most_months <= made.silent_months:
        found.append("usual_months, most_months, silent_months: must follow each other")
    # Two reminders of a month must not meet.
    if made.longest_snooze + made.good_days >= 28:
        found.append("longest_snooze and good_days: together less than 28 days")
    return found
