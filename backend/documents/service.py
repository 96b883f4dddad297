"""Commands on documents: add, remove, set the day of destruction, destroy.

The limit of 20 holds under concurrency through the owner's row: the caller of ``add`` loads it with
``with_for_update=True`` and changes it (``application.updated_at``) in the same transaction. Uploads of one case then
stand in line on MariaDB (SQLite has one writer anyway), and the version column catches whoever did not.
"""

from __future__ import annotations

import base64
from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Update, delete, func, select, update
from sqlalchemy.orm import Session

from backend.documents.intake import Stored
from backend.documents.names import clean_name
from backend.kernel.crypto import Seal, Vault, place
from backend.kernel.errors import Invalid, NotFound
from backend.kernel.i18n import N_
from backend.models.document import Document

MOST_PER_OWNER = 20
PURGE_BATCH = 500


def add(
    session: Session,
    vault: Vault,
    seal: Seal,
    *,
    owner_kind: str,
    owner_id: int,
    code: str,
    stored: Stored,
    name: str | None,
    revision: int,
    now: datetime,
) -> int:
    """Write the row of a stored file and return its id; ``Invalid too_many_files`` at the 21st of one owner.

    ``seal`` is the person's (destroying their key destroys the file), ``name`` as the sender gave it.
    """
    check_room(session, owner_kind=owner_kind, owner_id=owner_id)
    label = clean_name(name)
    row = Document(
        id=stored.id,
        owner_kind=owner_kind,
        owner_id=owner_id,
        code=code,
        name=seal.seal_text(label, place("document", "name", stored.id)) if label else None,
        mime=stored.mime,
        size=stored.size,
        pages=stored.pages,
        width=stored.width,
        height=stored.height,
        sha256_index=vault.index("document", stored.sha256),
        file_key=seal.seal_text(base64.b64encode(stored.file_key).decode(), place("document", "file_key", stored.id)),
        storage_key=stored.storage_key,
        revision=revision,
        created_at=now,
    )
    session.add(row)
    return row.id


def check_room(session: Session, *, owner_kind: str, owner_id: int) -> None:
    """``Invalid too_many_files`` when this owner has 20 already; also worth asking before the work on a file."""
    present = session.scalar(
        select(func.count()).select_from(Document).where(*_of(owner_kind, owner_id), Document.removed_at.is_(None))
    )
    if (present or 0) >= MOST_PER_OWNER:
        words = N_("一次申请最多传 %(most)d 个文件，请先删掉不需要的", most=MOST_PER_OWNER)
        raise Invalid("too_many_files", words, errors={"file": [words]})


def remove(
    session: Session,
    *,
    owner_kind: str,
    owner_id: int,
    document_id: int,
    keep_until: datetime | None,
    now: datetime,
) -> None:
    """The applicant takes a file out; ``NotFound`` when it is not theirs or was taken out before.

    ``keep_until``: for a file that an office has seen in a submitted revision; None destroys it at the next purge.
    """
    taken_out = _changed(
        session,
        update(Document)
        .where(Document.id == document_id, *_of(owner_kind, owner_id), Document.removed_at.is_(None))
        .values(removed_at=now, purge_at=keep_until or now),
    )
    if taken_out != 1:
        raise NotFound("document_not_found", N_("没有找到这份材料，可能已经删除"))


def schedule_purge(
    session: Session, *, owner_kind: str, owner_id: int, at: datetime, codes: Collection[str] | None = None
) -> int:
    """Set the day of destruction for an owner's documents (all, or these materials); how many.

    For an expired draft, a person's erasure, and the retention after a decision (PRODUCT §2 rule 5). A day that
    is set already and earlier stays.
    """
    query = update(Document).where(*_of(owner_kind, owner_id), (Document.purge_at.is_(None)) | (Document.purge_at > at))
    if codes is not None:
        query = query.where(Document.code.in_(codes))
    return _changed(session, query.values(purge_at=at))


def lift_purge(session: Session, *, owner_kind: str, owner_id: int) -> int:
    """Take the day of destruction back (a case was reopened); how many. What the applicant removed keeps its day."""
    query = update(Document).where(*_of(owner_kind, owner_id), Document.removed_at.is_(None))
    return _changed(session, query.where(Document.purge_at.is_not(None)).values(purge_at=None))


def keep_only(
    session: Session, *, owner_kind: str, owner_id: int, document_ids: Collection[int], now: datetime
) -> None:
    """Put an owner's documents back to these: what was taken out of them returns, what came after them goes."""
    mine, named = _of(owner_kind, owner_id), Document.id.in_(document_ids)
    _changed(session, update(Document).where(*mine, named).values(removed_at=None, purge_at=None))
    later = update(Document).where(*mine, ~named, Document.removed_at.is_(None))
    _changed(session, later.values(removed_at=now, purge_at=now))


def purge_due(session: Session, *, now: datetime, limit: int = PURGE_BATCH) -> list[str]:
    """Destroy the rows whose day has come, with their keys; returns the storage keys to delete after the commit.

    A crash between commit and deletion leaves bytes nobody can read, which ``housekeeping.orphans`` removes.
    """
    due = session.execute(
        select(Document.id, Document.storage_key)
        .where(Document.purge_at <= now)
        .order_by(Document.purge_at, Document.id)
        .limit(limit)
    ).all()
    if due:
        session.execute(
            delete(Document)
            .where(Document.id.in_([row.id for row in due]))
            .execution_options(synchronize_session=False)
        )
    return [row.storage_key for row in due]


def _changed(session: Session, statement: Update) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount


def _of(owner_kind: str, owner_id: int) -> tuple[ColumnElement[bool], ...]:
    return Document.owner_kind == owner_kind, Document.owner_id == owner_id
