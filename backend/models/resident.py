"""A resident 居民: the account, what they agreed to, their exports and the way to a partner."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import AutoId, Base, Code, Hash, Id, Ref, Sealed, Words, states, table


class Resident(Base):
    """Personal values are sealed with the person's own key; an erased account keeps its id and nothing else."""

    __tablename__ = "resident"

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(default=1)
    #: The person's data key, wrapped under a master key; "" once the account is erased.
    key: Mapped[str] = mapped_column(String(255))
    #: place: resident|mobile|id; NULL with its index once erased, so that the number may begin anew.
    mobile: Mapped[Sealed | None]
    mobile_index: Mapped[Hash | None] = mapped_column(unique=True)
    #: place: resident|name|id
    name: Mapped[Sealed | None]
    #: 王*
    name_masked: Mapped[Words] = mapped_column(default="")
    id_type: Mapped[str | None] = mapped_column(String(16))
    #: place: resident|id_number|id
    id_number: Mapped[Sealed | None]
    id_index: Mapped[Hash | None] = mapped_column(index=True)
    identity_at: Mapped[datetime | None]
    #: zh, en
    language: Mapped[str] = mapped_column(String(2), default="zh")
    care_mode: Mapped[bool] = mapped_column(default=False)
    partner_id: Mapped[Ref | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}


class ResidentConsent(Base):
    """One grant or withdrawal of a purpose, with the version of the text that was shown; append-only."""

    __tablename__ = "resident_consent"
    __table_args__ = table(states("act", ["given", "withdrawn"]), Index(None, "resident_id", "id"))

    id: Mapped[AutoId]
    resident_id: Mapped[Ref]
    purpose: Mapped[Code]
    text_version: Mapped[Code]
    act: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]


class ResidentExport(Base):
    """A copy of everything we keep about a person, made by a worker, kept for 7 days."""

    __tablename__ = "resident_export"
    __table_args__ = table(Index(None, "resident_id", "id"))

    id: Mapped[Id]
    resident_id: Mapped[Ref]
    #: JSON; place: resident_export|content|id
    content: Mapped[Sealed | None]
    requested_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)


class PartnerInvitation(Base):
    """A code that links two accounts as a couple; good once and for 7 days."""

    __tablename__ = "partner_invitation"
    __table_args__ = table(Index(None, "inviter_id", "id"))

    id: Mapped[Id]
    inviter_id: Mapped[Ref]
    #: For the inviter, who may ask again what the code was; place: partner_invitation|code|id
    code: Mapped[Sealed | None]
    code_index: Mapped[Hash] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
