"""The key of a day: of its challenges, tickets and tokens. Gone when the next day is over, and with it all they say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.events import rows
from backend.kernel import sealing
from backend.kernel.errors import Collision
from backend.models.tip import DayKey, Unlocked, Used
from backend.tips.keys import TipKeys

ONE = timedelta(days=1)


def load(session: Session, keys: TipKeys, *, day: date) -> bytes | None:
    """The key of a day; ``None`` when it was never made or is destroyed."""
    sealed = session.scalar(select(DayKey.sealed).where(DayKey.day == day))
    return sealing.unseal(keys.of_days, sealed, _place(day)) if sealed else None


def make(session: Session, keys: TipKeys, *, day: date) -> bytes:
    """The key of a day, made at first need. ``Collision`` when another process just did: again."""
    found = load(session, keys, day=day)
    if found is not None:
        return found
    key = sealing.new_key()
    try:
        rows.write(session, DayKey, {"day": day, "sealed": sealing.seal(keys.of_days, key, _place(day))})
    except IntegrityError as error:
        raise Collision from error
    return key


def forget(session: Session, *, today: date) -> int:
    """Destroy the keys of the days before yesterday and what was kept under them; how many rows."""
    first = today - ONE
    gone = 0
    for model in (DayKey, Used):
        gone += session.execute(delete(model).where(model.day < first)).rowcount  # type: ignore[attr-defined]
    session.execute(delete(Unlocked).where(Unlocked.day < today))
    return gone


class DayKeys:
    """The keys of today and yesterday, kept in the process. ``fetch(day, make)`` asks the database."""

    def __init__(self, fetch: Callable[[date, bool], bytes | None]) -> None:
        self._fetch = fetch
        self._known: dict[date, bytes] = {}

    def current(self, today: date) -> bytes:
        """Today's, made at first need."""
        return self.both(today)[today]

    def both(self, today: date) -> dict[date, bytes]:
        """Today's and, where there is one, yesterday's: all that is still good for anything."""
        known = {day: key for day, key in self._known.items() if today - ONE <= day <= today}
        for day in (today, today - ONE):
            if day not in known:
                key = self._fetch(day, day == today)
                known |= {day: key} if key is not None else {}
        self._known = known
        return dict(known)


def _place(day: date) -> str:
    return f"day|{day.isoformat()}"
