"""The holiday notices under config/calendar, one file per year, as a ``Calendar``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from backend.kernel.workdays import Calendar

FOLDER = Path(__file__).resolve().parent / "calendar"


def load_calendar(folder: Path = FOLDER) -> Calendar:
    """Every year that has a file; ``ValueError`` names the file whose dates do not fit together."""
    holidays: set[date] = set()
    workdays: set[date] = set()
    years: set[int] = set()
    for path in sorted(folder.glob("*.toml")):
        notice = tomllib.loads(path.read_text(encoding="utf-8"))
        off = {day for holiday in notice["holidays"] for day in _days(holiday)}
        worked = set(notice["workdays"])
        _check(path, notice["year"], off, worked)
        holidays |= off
        workdays |= worked
        years.add(notice["year"])
    return Calendar(frozenset(holidays), frozenset(workdays), frozenset(years))


def _days(holiday: dict[str, Any]) -> Iterator[date]:
    day = holiday["first"]
    while day <= holiday["last"]:
        yield day
        day += timedelta(days=1)


def _check(path: Path, year: int, off: set[date], worked: set[date]) -> None:
    """The rules that a mistyped notice breaks: one year per file, weekends only as make-up days."""
    if path.stem != str(year):
        raise ValueError(f"{path.name}: year = {year} does not match the file name")
    if not off or any(day.year != year for day in off | worked):
        raise ValueError(f"{path.name}: every date must lie in {year}, and there must be holidays")
    if off & worked:
        raise ValueError(f"{path.name}: {min(off & worked)} is both a holiday and a workday")
    weekdays = [day for day in sorted(worked) if day.weekday() < 5]
    if weekdays:
        raise ValueError(f"{path.name}: {weekdays[0]} is no weekend day, it needs no make-up entry")
