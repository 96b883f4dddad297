"""What the sweeps remember from one run to the next: a word under a name."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.events import rows
from backend.models.tip import TipState


def put(session: Session, name: str, value: str) -> str | None:
    """Remember it; what was there before. ``Collision`` when another process just wrote the first one: again."""
    row = session.get(TipState, name, with_for_update=True)
    if row is None:
        rows.chain(session, TipState, {"name": name, "value": value})
        return None
    before, row.value = row.value, value
    return before
