"""Rendered documents in storage: encrypted with a key of their own, derived from the holder's."""

from __future__ import annotations

import hashlib
import hmac

from backend.certificates.queries import StoredFile
from backend.documents import sealedfile
from backend.gateways.storage import Storage
from backend.kernel.crypto import Seal


def store(storage: Storage, seal: Seal, key: str, content: bytes) -> None:
    """Store under ``kind/id``; again under the same key replaces it whole."""
    storage.put(key, sealedfile.encrypt([content], _file_key(seal, key), key))


def load(storage: Storage, file: StoredFile) -> bytes:
    """The document; ``storage.Missing`` or ``Unreadable`` when it is gone or damaged."""
    return b"".join(sealedfile.decrypt(storage.open(file.key), _file_key(file.seal, file.key), file.key))


def _file_key(seal: Seal, key: str) -> bytes:
    """One key per file, gone when the person's key is destroyed."""
    return hmac.new(seal.key, f"file|{key}".encode(), hashlib.sha256).digest()
