"""Follow-ups in the background: asking on the chosen day, and forgetting what is over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.bookings import followup_desk, followups
from backend.events import leasing
from backend.events.leasing import Leased
from backend.kernel import ids
from backend.notifications import service as notifications
from backend.runtime import Runtime
from workers.housekeeping import sweep
from workers.kinds import together


def say(session: Session, runtime: Runtime, row: Leased, now: datetime) -> None:
    """One message; none once she answered or stopped. Its key leads back to no row: it stands beside an account.

    The work is forgotten: its moment beside that of the message would tell whose it was.
    """
    leasing.forget(session, [row])
    found = followups.note(session, runtime.vault, follow_up_id=row.subject_id)
    if found is None:
        return
    base = f"{runtime.settings.base_url}/follow-ups"
    notifications.tell(
        session,
        runtime.vault,
        resident_id=found.resident_id,
        template=row.topic,
        event=found.event,
        params={"link": f"{base}/{ids.encode(row.subject_id)}", "stop": f"{base}/stop/{found.word}"},
        now=now,
    )


tell = together(say)


def ask(runtime: Runtime) -> int:
    return sweep(runtime, followups.ask_due, vault=runtime.vault, purposes=runtime.purposes, now=runtime.clock())


def end(runtime: Runtime) -> int:
    """Questions whose time is over, and answers whose year is."""
    now = runtime.clock()
    return sweep(runtime, followups.end_due, now=now) + sweep(runtime, followup_desk.purge, now=now)
