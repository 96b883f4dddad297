"""The quarterly reminder 提醒 that a woman set for herself. Nobody can list these rows by person (PRODUCT §2.2)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Hash, Id, Sealed, table


class Reminder(Base):
    """One reminder. Everything but the moment it is due is sealed under the reminders' own keys.

    ``person``: keyed hash of the account, under a key that nothing else uses; no foreign key either way.
    """

    __tablename__ = "reminder"
    __table_args__ = table(UniqueConstraint("person"), Index(None, "due_at", "id"), Index(None, "stop_index"))

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(default=1)
    person: Mapped[Hash]
    #: JSON (``reminders.content``): whose it is, days, channel, hour, what she agreed to; place: reminder|content|id
    content: Mapped[Sealed]
    #: When the row is looked at next (UTC): to be told, or at the end of a long silence; the work moves it on.
    due_at: Mapped[datetime | None]
    #: Counts what was told or planned anew: work that was left for another round is void.
    round: Mapped[int] = mapped_column(default=0)
    #: Keyed hash of the word in the stop link.
    stop_index: Mapped[Hash]

    __mapper_args__ = {"version_id_col": version}
