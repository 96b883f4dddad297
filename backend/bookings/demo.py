"""The demo's stations (CONTRACT §1): open Monday to Thursday, 20 seats a day, nobody is asked where they live."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.models.station import Station, StationRules

COUNTY = "370402000000"
#: code, name, name_en, region
STATIONS = (
    ("demo-a", "演示服务站甲", "Demo station A", "370402001000"),
    ("demo-b", "演示服务站乙", "Demo station B", "370402002000"),
)
CODES = tuple(station[0] for station in STATIONS)
RULES: dict[str, Any] = {
    "hours": [[weekday, "08:00", "10:30"] for weekday in (1, 2, 3, 4)],
    "slot_minutes": 30,
    "seats_per_slot": 4,
    "daily_cap": 20,
    "town_quotas": {},
    "lead_minutes": 60,
    "horizon_days": 30,
    "release_time": "08:00",
}


def load(session: Session, *, phone: str, now: datetime) -> None:
    """Make the demo's stations where they are missing."""
    missing = [station for station in STATIONS if session.get(Station, station[0]) is None]
    for code, name, name_en, region in missing:
        session.add(
            Station(
                code=code,
                name=name,
                name_en=name_en,
                region=region,
                county=COUNTY,
                phone=phone,
                residence_months=0,
                updated_at=now,
            )
        )
        session.add(StationRules(station=code, **RULES, updated_at=now))
