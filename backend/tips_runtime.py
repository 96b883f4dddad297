"""The composition root of the tip line: what its app, the investigators' side and the sweeps share.

It knows nothing of residents, accounts or the main database.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from backend.db import Database
from backend.gateways.clock import FileClock
from backend.kernel.clock import Clock, system_clock, today
from backend.tips import days
from backend.tips.days import DayKeys
from backend.tips.keys import TipKeys
from backend.tips.pressure import Pressure
from backend.tips.recipients import Offline
from config.tip_line import TipLine

REGIONS = Path(__file__).resolve().parent.parent / "config" / "regions"


@dataclass(frozen=True, slots=True)
class Place:
    """A county or a town of the form. ``code``: 12 digits."""

    code: str
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class TipsRuntime:
    """One per process. ``db`` connects on first use."""

    line: TipLine
    db: Database
    clock: Clock
    keys: TipKeys = field(repr=False)
    days: DayKeys = field(repr=False)
    pressure: Pressure
    places: Sequence[Place]

    @property
    def today(self) -> date:
        """The day in China: the finest time that anything here is kept with."""
        return today(self.clock())

    @property
    def offline(self) -> Offline:
        return Offline(self.line.oversight_key, self.line.recovery_key)

    def key_of(self, day: date) -> bytes | None:
        """The key of today or yesterday."""
        return self.days.both(self.today).get(day)


def build_tips_runtime(line: TipLine, *, patient: bool = False, clock: Clock | None = None) -> TipsRuntime:
    """Bind the settings; ``patient`` for workers, which wait for a lost database."""
    time = clock or (FileClock(line.data_dir / "clock.json") if line.demo else system_clock)
    db = Database(line.database_url, pool_size=4, patient=patient, today=lambda: today(time()))
    keys = TipKeys(line.key)

    def fetch(day: date, make: bool) -> bytes | None:
        if make:
            return db.transact_once(days.make, keys, day=day)
        with db.reading() as session:
            return days.load(session, keys, day=day)

    return TipsRuntime(line, db, time, keys, DayKeys(fetch), Pressure(), _places(line.county))


def _places(county: str) -> list[Place]:
    """The county and its towns, from the same file that the main app imports."""
    path = REGIONS / f"{county}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["code"].startswith(county)]
    return [Place(row["code"], row["name"], row["level"]) for row in rows if row["level"] in ("county", "town")]
