"""A rating was given: nothing to say to anybody, but it counts (``workers.counting``)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.events.leasing import Leased
from backend.runtime import Runtime
from workers.kinds import together


def heard(_session: Session, _runtime: Runtime, _row: Leased, _now: datetime) -> None:
    """Counting is all there is to do."""


rated = together(heard)
