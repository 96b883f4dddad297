"""A file handed in as a material: facts and its sealed key here, the encrypted bytes in the storage."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Code, Hash, Id, Ref, Sealed, table


class Document(Base):
    """One cleaned file. Without ``file_key``, or without the person's key around it, nobody can read the bytes."""

    __tablename__ = "document"
    __table_args__ = table(
        Index("ix_document_owner", "owner_kind", "owner_id", "id"),
        Index("ix_document_purge", "purge_at", "id"),
    )

    id: Mapped[Id]
    #: What it belongs to: "application".
    owner_kind: Mapped[str] = mapped_column(String(16))
    owner_id: Mapped[Ref]
    #: The material of the service item it answers.
    code: Mapped[Code]
    #: The name it had on the sender's device; place: document|name|id.
    name: Mapped[Sealed | None]
    #: image/jpeg or application/pdf: what we made of it.
    mime: Mapped[str] = mapped_column(String(32))
    #: Bytes before encryption.
    size: Mapped[int]
    pages: Mapped[int | None]
    #: Pixels (of the first page).
    width: Mapped[int]
    height: Mapped[int]
    #: Keyed hash of the content: whether two are the same, and the record of a revision after the purge.
    sha256_index: Mapped[Hash]
    #: 32 bytes, base64; place: document|file_key|id.
    file_key: Mapped[Sealed]
    storage_key: Mapped[str] = mapped_column(String(96), unique=True)
    #: The revision of the owner that it was added for (0: the draft).
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    #: Taken out by the applicant; kept until ``purge_at`` when an office has seen it.
    removed_at: Mapped[datetime | None]
    #: When row and file are destroyed; None: not decided yet.
    purge_at: Mapped[datetime | None]
