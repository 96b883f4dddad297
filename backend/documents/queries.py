"""Reads of documents: cards for lists, one card for a download."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.documents.names import download_name
from backend.kernel import ids
from backend.kernel.crypto import Seal, place
from backend.kernel.errors import NotFound
from backend.kernel.i18n import N_
from backend.models.document import Document


@dataclass(frozen=True, slots=True)
class DocumentCard:
    """What a list shows and a download needs; ``name`` as the sender wrote it: escape it on the way out."""

    id: int
    code: str
    name: str | None
    mime: str
    #: Bytes.
    size: int
    pages: int | None
    width: int
    height: int
    #: The revision of the owner that it was added for.
    revision: int
    created_at: datetime
    removed_at: datetime | None
    purge_at: datetime | None
    sha256_index: str
    storage_key: str
    #: 32 bytes.
    file_key: bytes = field(repr=False)

    @property
    def download_name(self) -> str:
        """The name to offer for a download, with the ending of what we made of it."""
        return download_name(self.name, self.mime, f"{self.code}-{ids.encode(self.id)}")


def of(
    session: Session, seal: Seal, *, owner_kind: str, owner_id: int, with_removed: bool = False
) -> list[DocumentCard]:
    """An owner's documents in the order they came (one statement); ``with_removed`` for the staff's comparison."""
    query = select(Document).where(Document.owner_kind == owner_kind, Document.owner_id == owner_id)
    if not with_removed:
        query = query.where(Document.removed_at.is_(None))
    return [_card(row, seal) for row in session.scalars(query.order_by(Document.id))]


def one(
    session: Session,
    seal: Seal,
    *,
    owner_kind: str,
    owner_id: int,
    document_id: int,
    with_removed: bool = False,
) -> DocumentCard:
    """One document of this owner; ``NotFound`` for anything else, another's included."""
    query = select(Document).where(
        Document.id == document_id, Document.owner_kind == owner_kind, Document.owner_id == owner_id
    )
    if not with_removed:
        query = query.where(Document.removed_at.is_(None))
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound("document_not_found", N_("没有找到这份材料，可能已经删除"))
    return _card(row, seal)


def _card(row: Document, seal: Seal) -> DocumentCard:
    return DocumentCard(
        id=row.id,
        code=row.code,
        name=seal.open_text(row.name, place("document", "name", row.id)) if row.name else None,
        mime=row.mime,
        size=row.size,
        pages=row.pages,
        width=row.width,
        height=row.height,
        revision=row.revision,
        created_at=row.created_at,
        removed_at=row.removed_at,
        purge_at=row.purge_at,
        sha256_index=row.sha256_index,
        storage_key=row.storage_key,
        file_key=base64.b64decode(seal.open_text(row.file_key, place("document", "file_key", row.id))),
    )
