"""Rendered documents in storage: encrypted with a key of their own, derived from the holder's."""

from __future__ import annotations

import hashlib
import hmac

from backend.certificates.queries import StoredFile
from backend.documents import sealedfile
from backend.gateways.storage import Missing, Storage
from backend.kernel.crypto import Seal, Unreadable
from backend.kernel.errors import Unavailable
from backend.kernel.i18n import N_


def store(storage: Storage, seal: Seal, key: str, content: bytes) -> None:
    """Store under ``kind/id``; again under the same key replaces it whole."""
    storage.put(key, sealedfile.encrypt([content], _file_key(seal, key), key))


def load(storage: Storage, file: StoredFile) -> bytes:
    """The whole document; ``Unavailable`` when storage has lost or damaged it."""
    try:
        return b"".join(sealedfile.decrypt(storage.open(file.key), _file_key(file.seal, file.key), file.key))
    except (Missing, Unreadable) as error:
        raise Unavailable(
            "file_unavailable", N_("文件暂时打不开，请过一会儿再试，或打电话问办理单位"), retry_after=60
        ) from error


def _file_key(seal: Seal, key: str) -> bytes:
    """One key per file, gone when the person's key is destroyed."""
    return hmac.new(seal.key, f"file|{key}".encode(), hashlib.sha256).digest()
