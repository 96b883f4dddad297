"""A second copy of a stored document, under an id and a key of its own: the two are destroyed independently."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime

from backend.documents.intake import STORED_AS, Stored, context
from backend.documents.queries import DocumentCard
from backend.documents.reading import read
from backend.documents.sealedfile import encrypt
from backend.gateways.storage import Storage
from backend.kernel import ids


def copy(storage: Storage, document: DocumentCard, *, now: datetime) -> Stored:
    """Encrypt the content again, in a stream and outside of any transaction; as with ``intake.store`` the row follows.

    The content was cleaned when it came in and is bound to its row, so it is not looked at again. ``Unavailable``
    or ``Unreadable`` when the original is gone or broken.
    """
    number, key, digest = ids.new_id(now), os.urandom(32), hashlib.sha256()

    def seen() -> Iterator[bytes]:
        for piece in read(storage, document):
            digest.update(piece)
            yield piece

    storage_key = f"{STORED_AS}/{ids.encode(number)}"
    storage.put(storage_key, encrypt(seen(), key, context(number)))
    return Stored(
        id=number,
        storage_key=storage_key,
        file_key=key,
        mime=document.mime,
        size=document.size,
        sha256=digest.hexdigest(),
        width=document.width,
        height=document.height,
        pages=document.pages,
    )
