"""How much is asked of the tip line at this moment, and what follows: heavier sums for everybody, never a locked door.

All of it is in the memory of one process and forgotten within minutes; nothing is counted by person or address. What is
counted by mailbox is a keyed hash of the number somebody typed, whether there is such a mailbox or not.
"""

from __future__ import annotations

import hmac
import math
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from backend.kernel.errors import Unavailable
from backend.kernel.i18n import N_
from backend.tips import gate
from backend.tips.work import LEVELS

Ticks = Callable[[], float]
#: Reports and openings a minute, each with its derivation of a key, that one process takes for quiet: a county has a
#: few in a day, and two cores derive some 1200.
QUIET = 120.0
#: Tries to open a mailbox in a minute from which everybody works first.
MANY_OPENINGS = 2400.0
#: Derivations under way (two run, the others wait) that an opening finds in a crowd, and crowds from which all work.
CROWD, CROWDS = 3, 20
#: Failures of one mailbox within minutes from which its challenges get heavier.
FAILURES = 10
#: Slow-lane reports a minute and process.
SLOW = 30
#: Seconds in which a gauge forgets two thirds; mailboxes that failures are counted of at the same time.
FORGETS, MAILBOXES = 60.0, 4096


class Gauge:
    """Events a minute, with an exponential memory. Not safe for threads by itself."""

    def __init__(self, forgets: float = FORGETS) -> None:
        self.forgets = forgets
        self._weight = 0.0
        self._at = 0.0

    def add(self, now: float, weight: float = 1.0) -> None:
        self._weight = self.weight(now) + weight
        self._at = now

    def weight(self, now: float) -> float:
        """Events that are still remembered."""
        return self._weight * math.exp(-max(0.0, now - self._at) / self.forgets)

    def per_minute(self, now: float) -> float:
        return self.weight(now) * 60 / self.forgets


@dataclass(slots=True)
class _Failures:
    gauge: Gauge
    last: float


class Pressure:
    """The gauges of one process. ``ticks``: seconds that only go forward; ``waiting``: derivations under way."""

    def __init__(self, ticks: Ticks = time.monotonic, waiting: Callable[[], int] = gate.waiting) -> None:
        self._ticks, self._waiting = ticks, waiting
        self._key = os.urandom(32)
        self._lock = threading.Lock()
        self._costly = Gauge()
        # A short memory: it must say within seconds that a flood has begun, and that it is over.
        self._openings, self._crowds = Gauge(10.0), Gauge(10.0)
        self._failures: OrderedDict[bytes, _Failures] = OrderedDict()
        self._slow: list[float] = []

    def costs(self) -> None:
        """Somebody who worked (or need not) gets a key derived: a report, or a mailbox to open.

        Whoever sends rubbish is refused in no time, and makes the work of nobody heavier.
        """
        self._count(self._costly)

    def opened(self) -> None:
        """Somebody tries to open a mailbox."""
        self._count(self._openings)
        if self._waiting() >= CROWD:
            self._count(self._crowds)

    def failed(self, locator: str) -> None:
        """No mailbox opened under this number: there is none, or the rest of the code is wrong."""
        with self._lock:
            now = self._ticks()
            found = self._failures.pop(self._hash(locator), None) or _Failures(Gauge(5 * FORGETS), now)
            found.gauge.add(now)
            found.last = now
            self._failures[self._hash(locator)] = found
            self._forget(now)

    def level(self, locator: str | None = None) -> int:
        """How heavy a challenge is now, one of ``LEVELS``. ``locator``: of the mailbox it is to open."""
        with self._lock:
            now = self._ticks()
            load = [self._costly.per_minute(now) / QUIET]
            if locator is not None and (found := self._failures.get(self._hash(locator))):
                load.append(found.gauge.weight(now) / FAILURES)
        return max((step for step in LEVELS if step <= max(load)), default=LEVELS[0])

    def work_wanted(self) -> bool:
        """Whether everybody who opens a mailbox works first: the same for all, so that it says nothing about a code."""
        with self._lock:
            now = self._ticks()
            return self._openings.per_minute(now) > MANY_OPENINGS or self._crowds.weight(now) > CROWDS

    def slow_lane(self) -> None:
        """Take one of the places in the slow lane; ``slow_lane_full`` leaves the ticket good."""
        with self._lock:
            now = self._ticks()
            self._slow = [moment for moment in self._slow if moment > now - 60]
            if len(self._slow) >= SLOW:
                left = max(1, math.ceil(self._slow[0] + 60 - now))
                words = N_("现在提交的人太多。请等 %(seconds)d 秒再点一次，已填的内容都在", seconds=left)
                raise Unavailable("slow_lane_full", words, retry_after=left)
            self._slow.append(now)

    def _count(self, gauge: Gauge) -> None:
        with self._lock:
            gauge.add(self._ticks())

    def _hash(self, locator: str) -> bytes:
        return hmac.digest(self._key, locator.encode(), "sha256")[:16]

    def _forget(self, now: float) -> None:
        """What is a quarter of an hour old, and the oldest of too many."""
        while self._failures:
            oldest = next(iter(self._failures.values()))
            if len(self._failures) <= MAILBOXES and oldest.last > now - 15 * 60:
                return
            self._failures.popitem(last=False)
