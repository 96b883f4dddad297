"""How often one account may call; counted in Redis, and not at all while Redis is away."""

from __future__ import annotations

from redis import Redis

from backend.kernel.errors import TooMany
from backend.kernel.i18n import N_
from backend.web.context import runtime

WINDOW = 60


def check_calls(kind: str, account: int) -> None:
    """``TooMany`` above the settings' calls per minute; signed-in calls are counted per account only."""
    at = runtime()
    key = f"calls:{kind}:{account}"

    def count(redis: Redis) -> int:
        pipe = redis.pipeline(transaction=False)
        pipe.set(key, 0, ex=WINDOW, nx=True)
        pipe.incr(key)
        return int(pipe.execute()[1])

    if at.broker.attempt(count, 0) > at.settings.limits.calls_per_account_minute:
        raise TooMany("too_many_requests", N_("操作太频繁，请一分钟后再试"), retry_after=WINDOW)
