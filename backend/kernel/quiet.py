"""Quiet hours: when nobody in China is to be woken by us. Pure arithmetic on the clock people read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from backend.kernel.clock import SHANGHAI, local


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``start`` in the evening to ``end`` in the morning, Asia/Shanghai; ``start`` is later in the day."""

    start: time
    end: time

    def holds(self, now: datetime) -> bool:
        """Whether it is quiet at that moment."""
        clock = local(now).time()
        return clock >= self.start or clock < self.end

    def after(self, moment: datetime) -> datetime:
        """The moment itself by day, else the next morning's end of the quiet hours."""
        if not self.holds(moment):
            return moment
        here = local(moment)
        day = here.date() + timedelta(days=1) if here.time() >= self.start else here.date()
        return datetime.combine(day, self.end, SHANGHAI)

    def widened(self, start: time, end: time) -> QuietHours:
        """These hours and those that a person asks for: longer, never shorter."""
        return QuietHours(min(self.start, start), max(self.end, end))


#: Nobody is called, written to or asked to answer within the night.
NIGHT = QuietHours(time(21), time(8))
