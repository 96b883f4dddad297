"""How often one account may call, a minute of the clock at a time, counted in Redis for all processes together.

A process tells Redis about every twentieth of the limit only, so that most requests cost no round trip;
while Redis is away it still counts for itself.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from redis import Redis

from backend.kernel.errors import TooMany
from backend.kernel.i18n import N_
from backend.runtime import Broker
from backend.web.context import runtime

WINDOW = 60
SHARES = 20


@dataclass(slots=True)
class Calls:
    """The calls of one account in this minute: those of this process not told yet, and all that were told."""

    untold: int = 0
    told: int = 0


@dataclass(slots=True)
class Minute:
    """What this process counted in one minute; two threads may lose each other a call, which hurts nobody."""

    number: int = 0
    calls: dict[str, Calls] = field(default_factory=dict)


_minute = Minute()


def check_calls(kind: str, account: int) -> None:
    """``TooMany`` above the settings' calls per minute; signed-in calls are counted per account only."""
    at = runtime()
    limit = at.settings.limits.calls_per_account_minute
    number, passed = divmod(int(time.time()), WINDOW)
    calls = _calls_of(f"calls:{kind}:{account}:{number}", number)
    calls.untold += 1
    if calls.untold >= max(1, limit // SHARES):
        _tell(at.broker, f"calls:{kind}:{account}:{number}", calls)
    if calls.told + calls.untold > limit:
        raise TooMany("too_many_requests", N_("操作太频繁，请一分钟后再试"), retry_after=WINDOW - passed)


def _calls_of(key: str, number: int) -> Calls:
    global _minute  # noqa: PLW0603 - the last minute is dropped whole, with one assignment
    if _minute.number != number:
        _minute = Minute(number)
    return _minute.calls.setdefault(key, Calls())


def _tell(broker: Broker, key: str, calls: Calls) -> None:
    told, calls.untold = calls.untold, 0

    def add(redis: Redis) -> int:
        pipe = redis.pipeline(transaction=False)
        pipe.incrby(key, told)
        pipe.expire(key, WINDOW)
        return int(pipe.execute()[0])

    calls.told = broker.attempt(add, calls.told + told)
