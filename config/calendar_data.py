"""The holiday notices under config/calendar, one file per year; rows of administrators win over them."""

from __future__ import annotations

import tomllib
from pathlib import Path

from backend.kernel.holidays import Holiday, YearPlan, faults, joined
from backend.kernel.workdays import Calendar

FOLDER = Path(__file__).resolve().parent / "calendar"


def load_calendar(folder: Path = FOLDER) -> Calendar:
    """Every year that has a file; ``ValueError`` names the file whose dates do not fit together."""
    return joined(load_plans(folder))


def load_plans(folder: Path = FOLDER) -> tuple[YearPlan, ...]:
    """The same, year by year."""
    return tuple(_plan(path) for path in sorted(folder.glob("*.toml")))


def _plan(path: Path) -> YearPlan:
    notice = tomllib.loads(path.read_text(encoding="utf-8"))
    plan = YearPlan(
        notice["year"],
        notice.get("source", ""),
        tuple(Holiday(one.get("name", ""), one["first"], one["last"]) for one in notice["holidays"]),
        tuple(notice["workdays"]),
    )
    if path.stem != str(plan.year):
        raise ValueError(f"{path.name}: year = {plan.year} does not match the file name")
    for place, text in faults(plan).items():
        raise ValueError(f"{path.name}: {place}: {text}")
    return plan
