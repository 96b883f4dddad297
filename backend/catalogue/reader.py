"""Reading a TOML tree strictly: every value has a type and limits, every fault is kept with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place of the file; the locator turns ``path`` into a line."""

    path: Path
    message: str


class Reader:
    """One table of the file. Wrong values become faults and stand-ins, so that all faults are told at once."""

    def __init__(self, data: Mapping[str, Any], path: Path, faults: list[Fault]) -> None:
        self.data = data
        self.path = path
        self.faults = faults
        self._asked: set[str] = set()

    def fault(self, key: str, message: str) -> None:
        self.faults.append(Fault((*self.path, key), message))

    def raw(self, key: str) -> Any:
        self._asked.add(key)
        return self.data.get(key)

    def has(self, key: str) -> bool:
        return key in self.data

    def text(self, key: str, *, max_length: int = 200, default: str | None = None) -> str:
        """A text that is not blank; ``default`` None means that it must be there."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value.strip() or len(value) > max_length:
            self.fault(key, f"{key} 要写文字，1 到 {max_length} 个字")
            return ""
        return value.strip()

    def both(self, key: str, *, max_length: int = 200, default: str | None = None) -> tuple[str, str]:
        """A text in Chinese and in English (``key_en``): one is not given without the other."""
        chinese = self.text(key, max_length=max_length, default=default)
        optional = "" if default is not None and not chinese else None
        return chinese, self.text(f"{key}_en", max_length=max_length * 4, default=optional)

    def number(self, key: str, low: int, high: int, *, default: int | None = None) -> int:
        """A whole number within limits; ``default`` None means that it must be there."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if type(value) is not int or not low <= value <= high:
            self.fault(key, f"{key} 要写 {low} 到 {high} 的整数")
            return low
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fault(key, f"{key} 只能写 true 或 false")
            return default
        return value

    def choice(self, key: str, choices: Sequence[str], *, default: str | None = None) -> str:
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if value not in choices:
            self.fault(key, f"{key} 只能是 {'、'.join(c for c in choices if c)}")
            return choices[0]
        return str(value)

    def texts(self, key: str, *, least: int = 0, max_length: int = 500) -> tuple[str, ...]:
        """A list of texts, none of them blank."""
        value = self.raw(key)
        value = [] if value is None else value
        if not isinstance(value, list) or len(value) < least or not all(_is_text(v, max_length) for v in value):
            self.fault(key, f"{key} 要写一组文字，至少 {least} 条，每条不超过 {max_length} 个字")
            return ()
        return tuple(part.strip() for part in value)

    def day(self, key: str) -> str:
        """A date as ISO text."""
        value = self.raw(key)
        if not is_day(value):
            self.fault(key, f"{key} 要写日期，如 2026-01-31")
            return "2000-01-01"
        return str(value)

    def table(self, key: str) -> Reader:
        """A ``[table]``; an empty one when it is missing."""
        value = self.raw(key)
        if value is not None and not isinstance(value, dict):
            self.fault(key, f"{key} 要写成 [{key}] 这样的一段")
        return Reader(value if isinstance(value, dict) else {}, (*self.path, key), self.faults)

    def tables(self, key: str) -> list[Reader]:
        """Every ``[[table]]`` of that name, in order."""
        value = self.raw(key)
        value = [] if value is None else value
        if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
            self.fault(key, f"{key} 要写成 [[{key}]] 这样的几段")
            return []
        return [Reader(part, (*self.path, key, place), self.faults) for place, part in enumerate(value)]

    def finish(self) -> None:
        """Fault every key that nobody asked for: a mistyped key must not be lost in silence."""
        for key in self.data:
            if key not in self._asked:
                self.fault(key, f"不认识“{key}”，请检查拼写")


def is_day(value: object) -> bool:
    """Whether the value is a real date as ISO text (``YYYY-MM-DD``)."""
    if not isinstance(value, str) or len(value) != 10:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def plain(value: Any) -> Any:
    """The tree with dates as ISO text, so that it is the same before and after the database.

    ``ValueError`` for times of day and for numbers with a fraction: no definition needs them.
    """
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, (datetime, time, float)):
        raise ValueError(f"不能写 {value}，请写文字、整数或日期")
    return value.isoformat() if isinstance(value, date) else value


def _is_text(value: object, max_length: int) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= max_length
