"""A person's copy of everything kept about them: each domain tells its part."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.accounts import export as exports
from backend.applications import queries as applications, ratings
from backend.benefits import queries as benefits
from backend.bookings import copying as bookings, followups, results
from backend.certificates import queries as certificates
from backend.events.leasing import Leased
from backend.kernel.crypto import Vault
from backend.notifications import history, preferences, queries as notifications
from backend.reminders import cards as reminders
from backend.runtime import Runtime
from workers.kinds import singly

COLLECTORS: dict[str, exports.Collector] = {
    "applications": applications.everything,
    "ratings": ratings.everything,
    "certificates": certificates.everything,
    "benefits": benefits.everything,
    "bookings": bookings.bookings,
    "waitlist": bookings.waiting,
    "checkup_results": results.of_person,
    "follow_ups": followups.of_person,
    "messages": notifications.everything,
    "deliveries": history.everything,
    "notification_preferences": preferences.everything,
}


def _build(session: Session, runtime: Runtime, row: Leased, now: datetime) -> None:
    def reminder(session: Session, _vault: Vault, resident_id: int) -> list[dict[str, Any]]:
        """Sealed under keys of its own."""
        return reminders.of_person(session, runtime.reminder_vault, resident_id)

    collectors = COLLECTORS | {"own_reminder": reminder}
    exports.build(session, runtime.vault, export_id=row.subject_id, collectors=collectors, now=now)


export = singly(_build)
