"""What the periodic work calls: destroy what is due, remove what no row knows, clear interrupted writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.documents.intake import STORED_AS
from backend.gateways.storage import Storage
from backend.models.document import Document

#: An upload has its row within seconds; a day is far beyond any of them.
ORPHAN_AGE = timedelta(days=1)
UNFINISHED_AGE = timedelta(hours=1)
BATCH = 500


def unknown(session: Session, storage_keys: list[str]) -> list[str]:
    """Those of the keys that no row has (one statement, at most ``BATCH`` keys)."""
    known = set(session.scalars(select(Document.storage_key).where(Document.storage_key.in_(storage_keys))))
    return [key for key in storage_keys if key not in known]


def orphans(
    storage: Storage,
    without_row: Callable[[list[str]], list[str]],
    *,
    kind: str = STORED_AS,
    older_than: timedelta = ORPHAN_AGE,
) -> int:
    """Delete stored documents (or another ``kind`` of file) without a row, and the remains of writes; how many files.

    ``without_row`` asks ``unknown`` in a reading session of its own per batch, so that no transaction is open
    while files are listed and deleted.
    """
    removed = 0
    for batch in _batches(storage.keys(kind, older_than=older_than)):
        removed += delete(storage, without_row(batch))
    storage.tidy(older_than=UNFINISHED_AGE)
    return removed


def delete(storage: Storage, storage_keys: Iterable[str]) -> int:
    """Delete files (after the commit that destroyed their rows); how many."""
    count = 0
    for key in storage_keys:
        storage.delete(key)
        count += 1
    return count


def _batches(keys: Iterable[str]) -> Iterable[list[str]]:
    batch: list[str] = []
    for key in keys:
        batch.append(key)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
