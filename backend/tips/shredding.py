"""Shredding: the keys of a tip go first, in a commit of their own; what they sealed is rubbish from then on."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from backend.models.tip import Mailbox, TipEntry, TipKey


def destroy_keys(session: Session, *, tip_ids: Collection[str]) -> None:
    """Nobody opens these tips any more: neither an investigator nor the reporter nor an offline key."""
    plain = {"synchronize_session": False}
    session.execute(delete(TipKey).where(TipKey.tip_id.in_(tip_ids)), execution_options=plain)
    session.execute(update(TipEntry).where(TipEntry.tip_id.in_(tip_ids)).values(key=None), execution_options=plain)
    session.execute(delete(Mailbox).where(Mailbox.tip_id.in_(tip_ids)), execution_options=plain)
