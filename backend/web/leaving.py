"""The end of an account, over every domain that keeps something about a person: all of it, or none."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.applications import leaving as applications
from backend.benefits import leaving as benefits
from backend.bookings import leaving as bookings
from backend.kernel.clock import system_clock
from backend.kernel.crypto import Vault
from backend.notifications import service as notifications
from backend.reminders import service as reminders
from backend.web.context import runtime
from backend.web.guards import caller


def leave_for_good() -> None:
    """The account of whoever is signed in, now; refusals of ``leave``."""
    at = runtime()
    at.db.transact(
        leave,
        at.vault,
        reminder_vault=at.reminder_vault,
        resident_id=caller().id,
        now=at.clock(),
        at=system_clock(),
    )


def leave(
    session: Session, vault: Vault, *, reminder_vault: Vault, resident_id: int, now: datetime, at: datetime
) -> None:
    """Erase an account and its traces; ``Conflict`` open_cases, open_benefit while something still needs it."""
    applications.leave(session, resident_id=resident_id, now=now, at=at)
    benefits.leave(session, resident_id=resident_id, now=now)
    bookings.leave(session, vault, resident_id=resident_id, now=now)
    reminders.stop_mine(session, reminder_vault, resident_id=resident_id)
    notifications.erase(session, resident_id=resident_id)
