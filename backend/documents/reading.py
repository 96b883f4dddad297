"""The bytes of a stored document, decrypted on the way."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from backend.documents.intake import context
from backend.documents.queries import DocumentCard
from backend.documents.sealedfile import decrypt
from backend.gateways.storage import Missing, Storage
from backend.kernel.crypto import Unreadable
from backend.kernel.errors import Unavailable
from backend.kernel.i18n import N_


def read(storage: Storage, document: DocumentCard) -> Iterator[bytes]:
    """The content in pieces of at most 64 KiB; ``Unavailable file_unavailable`` before the first one when the
    file is missing or not the one that was sealed. A cut found later raises ``Unreadable`` in the stream."""
    try:
        content = decrypt(storage.open(document.storage_key), document.file_key, context(document.id))
        first = next(content)
    except (Missing, Unreadable, OSError) as error:
        raise Unavailable(
            "file_unavailable", N_("这份材料现在打不开，请稍后再试，或打电话给办理的单位"), retry_after=60
        ) from error
    return chain((first,), content)
