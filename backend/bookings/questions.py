"""What follow-ups ask, when, and in which words: data (``config/follow-ups.toml``), checked when it is loaded."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from backend.kernel.errors import Invalid
from backend.kernel.i18n import N_

FILE = Path(__file__).resolve().parents[2] / "config" / "follow-ups.toml"
TYPES = ("choice", "text")
#: Signs of an answer in her own words.
LONGEST = 500
_CODE = re.compile(r"[a-z][a-z0-9_]{1,31}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question; ``options`` of a choice."""

    name: str
    type: str
    required: bool
    label: str
    label_en: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One time of asking. ``from_day`` to ``to_day``: after the first day of the last period; ``open_days``: after the
    day she chose herself."""

    code: str
    name: str
    name_en: str
    text: str
    text_en: str
    from_day: int
    to_day: int
    open_days: int
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class FollowUps:
    """All of it; ``furthest_days``: so far ahead a day may be; ``kept_days``: how long answers stay."""

    furthest_days: int
    kept_days: int
    kinds: Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A day that is proposed for one question, and until when it then stays open."""

    kind: Kind
    ask_on: date
    until: date


@cache
def follow_ups() -> FollowUps:
    """Ours; the file is read once per process."""
    return load()


def load(file: Path = FILE) -> FollowUps:
    """The checked file; ``ValueError`` names the place that is wrong."""
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    try:
        kinds = [_kind(entry) for entry in table.pop("kinds")]
        made = FollowUps(
            **{name: _days(name, value) for name, value in table.items()}, kinds={k.code: k for k in kinds}
        )
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"{file.name}: {error}") from error
    if len(made.kinds) != len(kinds) or max(kind.to_day for kind in kinds) > made.furthest_days:
        raise ValueError(f"{file.name}: kinds twice, or beyond furthest_days")
    return made


def propose(first_day: date, *, on: date) -> list[Proposal]:
    """The usual days for a first day of the last period; a window that is over is left out. ``Invalid`` bad_day."""
    data = follow_ups()
    if not on - timedelta(days=data.furthest_days) <= first_day <= on:
        words = N_("请填最近一次月经的第一天，不能是以后的日子")
        raise Invalid("bad_day", words, errors={"first_day": [words]})
    found = []
    for kind in data.kinds.values():
        begin, end = (first_day + timedelta(days=days) for days in (kind.from_day, kind.to_day))
        if end >= on:
            found.append(Proposal(kind, max(begin, on), end))
    return found


def _kind(entry: dict[str, Any]) -> Kind:
    questions = tuple(_question(question) for question in entry.pop("questions"))
    whole: dict[str, Any] = {name: _days(name, entry.pop(name)) for name in ("from_day", "to_day", "open_days")}
    kind = Kind(**(whole | _words(entry)), questions=questions)
    if not questions or len({question.name for question in questions}) != len(questions):
        raise ValueError(f"{kind.code}: no question, or two of one name")
    if not _CODE.fullmatch(kind.code) or kind.from_day >= kind.to_day:
        raise ValueError(f"{kind.code}: a bad code or window")
    return kind


def _question(entry: dict[str, Any]) -> Question:
    required = entry.pop("required", True)
    options = tuple(Option(**_words(option)) for option in entry.pop("options", ()))
    question = Question(required=required, options=options, **_words(entry))
    choices = {option.value for option in options}
    if not _CODE.fullmatch(question.name) or question.type not in TYPES or type(required) is not bool:
        raise ValueError(f"{question.name}: a bad name, type or required")
    if (question.type == "choice") != (len(choices) > 1) or len(choices) != len(options):
        raise ValueError(f"{question.name}: options belong to a choice, at least two and all different")
    return question


def _words(entry: Mapping[str, Any]) -> dict[str, str]:
    empty = [name for name, value in entry.items() if not isinstance(value, str) or not value.strip()]
    if empty:
        raise ValueError(f"{', '.join(empty)}: must be words")
    return dict(entry)


def _days(name: str, value: Any) -> int:
    if type(value) is not int or not 0 < value <= 1000:
        raise ValueError(f"{name}: must be 1 to 1000 days")
    return value
