"""The inbox of staff: one message per clerk and event, numbers and counts only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.kernel import ids
from backend.models.desk import StaffMessage


def tell(session: Session, *, staff_id: int, kind: str, event: str, facts: dict[str, Any], now: datetime) -> None:
    """Tell one clerk something once per ``kind`` and ``event``; telling it again does nothing."""
    same = (StaffMessage.staff_id == staff_id, StaffMessage.kind == kind, StaffMessage.event == event)
    if session.scalar(select(StaffMessage.id).where(*same)) is None:
        session.add(
            StaffMessage(id=ids.new_id(now), staff_id=staff_id, kind=kind, event=event, facts=facts, sent_at=now)
        )
