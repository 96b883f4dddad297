"""The demo's investigator: a key under the published passphrase (CONTRACT §3)."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from backend.tips import investigators, recipients
from backend.tips.investigators import NewKey, Staff

PASSPHRASE = "Demo-Unlock-2026!"  # noqa: S105 - the published passphrase of the demo, which production does not have


def missing(session: Session, *, staff_id: int) -> bool:
    return investigators.of_staff(session, staff_id=staff_id) is None


def load(session: Session, *, staff: Staff, key: NewKey, day: date) -> None:
    """Make the key and let it in, unless it is there."""
    if missing(session, staff_id=staff.id):
        made = investigators.enrol(session, staff=staff, key=key, duty=recipients.INVESTIGATE, day=day)
        session.flush()
        investigators.appoint(session, investigator_id=made, day=day)
