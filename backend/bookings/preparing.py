"""How to prepare for the visit; pure. General words for everybody: nothing about a person is asked or kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from backend.kernel.clock import local

#: Nobody gets up to stop eating: what falls between midnight and this hour is said as midnight.
NIGHT_ENDS = time(5)


@dataclass(frozen=True, slots=True)
class Fasting:
    """From when on nothing is eaten; ``at`` "": midnight at the end of the day ``on``."""

    on: date
    at: str
    hours: int


def fasting(starts_at: datetime, hours: int) -> Fasting | None:
    """From when on to eat nothing before a visit, in China's time; ``None`` where it is not needed.

    Never later than ``hours`` before: midnight stands for the small hours, so at most five hours earlier.
    """
    if not hours:
        return None
    begin = local(starts_at - timedelta(hours=hours))
    if begin.time() <= NIGHT_ENDS:
        return Fasting(begin.date() - timedelta(days=1), "", hours)
    return Fasting(begin.date(), f"{begin:%H:%M}", hours)
