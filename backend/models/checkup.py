"""What comes after a checkup: results for one pair of eyes, and follow-ups 随访 that a woman asked for."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from backend.models.base import Base, Code, Hash, Id, Ref, Sealed, table


class CheckupResult(Base):
    """The result of one person, readable by that person only; the station cannot open it again."""

    __tablename__ = "checkup_result"
    __table_args__ = table(UniqueConstraint("booking_id", "resident_id"), Index(None, "resident_id", "id"))

    id: Mapped[Id]
    booking_id: Mapped[Ref]
    resident_id: Mapped[Ref]
    #: The risk class (``bookings.results.RISKS``), sealed by the person's key; place: checkup_result|risk|id
    risk: Mapped[Sealed | None]
    #: The advice letter in ``document``; NULL without one or once erased.
    document_id: Mapped[Ref | None]
    ready_at: Mapped[datetime]


class FollowUp(Base):
    """One question that a woman asked to be asked, on a day she chose. Nobody can list them by person.

    No account stands here: ``person`` is a keyed hash, ``who`` is sealed by the vault for the message that goes out.
    The row goes when she answers, when she stops it, and when its window is over.
    """

    __tablename__ = "follow_up"
    __table_args__ = table(
        UniqueConstraint("person", "kind"),
        Index(None, "asked_at", "ask_on"),
        Index(None, "until"),
        Index(None, "stop_index"),
    )

    id: Mapped[Id]
    person: Mapped[Hash]
    #: place: follow_up|who|id
    who: Mapped[Sealed]
    station: Mapped[Code]
    #: early, outcome
    kind: Mapped[Code]
    ask_on: Mapped[date]
    until: Mapped[date]
    #: Keyed hash of the word in the one-tap stop link: one word a person, which ends all that is asked.
    stop_index: Mapped[Hash]
    asked_at: Mapped[datetime | None]


class FollowUpAnswer(Base):
    """What she sent to the station; with her name only if she wrote it."""

    __tablename__ = "follow_up_answer"
    __table_args__ = table(Index(None, "station", "id"), Index(None, "purge_at"))

    id: Mapped[Id]
    station: Mapped[Code]
    kind: Mapped[Code]
    #: Her answers as JSON, sealed by the vault; place: follow_up_answer|content|id
    content: Mapped[Sealed]
    answered_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    purge_at: Mapped[datetime]
