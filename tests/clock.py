"""A clock that tests move by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class MovableClock:
    """Callable like the product's clock; ``now`` is aware UTC."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, step: timedelta) -> datetime:
        self.now += step
        return self.now

    def set(self, now: datetime) -> None:
        self.now = now
