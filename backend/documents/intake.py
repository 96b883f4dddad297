"""From an upload to an encrypted file: limited, recognised, scanned, re-made, sealed. No database here."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from backend.documents import sandbox, spaces
from backend.documents.kinds import HEAD, Kind, sniff
from backend.documents.refusals import rejected, too_large, wrong_type
from backend.documents.sealedfile import encrypt
from backend.gateways.scanner import Scanner
from backend.gateways.storage import Storage
from backend.kernel import ids

#: Bytes of one upload (CONTRACT §3: more is 413).
MOST_BYTES = 10 * 1024 * 1024
#: The kind of storage key that belongs to a row of ``document``.
STORED_AS = "document"
_JOBS: Final = {Kind.HEIF: "heif", Kind.PDF: "paper"}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A re-made file without a name on disk; close it (``with``) and it is gone."""

    file: IO[bytes] = field(repr=False)
    mime: str
    #: Bytes.
    size: int
    #: Of the re-made content, hex.
    sha256: str
    width: int
    height: int
    #: None for a picture.
    pages: int | None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.file.close()

    def chunks(self) -> Iterator[bytes]:
        """The content from its start."""
        return spaces.pieces(self.file)


@dataclass(frozen=True, slots=True)
class Stored:
    """An encrypted file that waits for its row: ``service.add``, or ``discard`` when that refuses."""

    id: int
    storage_key: str
    file_key: bytes = field(repr=False)
    mime: str
    size: int
    sha256: str
    width: int
    height: int
    pages: int | None


def receive(stream: spaces.Readable, *, workdir: Path, scanner: Scanner) -> Cleaned:
    """Take an upload and give back what may be kept: a JPEG, or a PDF of pictures.

    ``TooLarge`` above 10 MiB, ``Unsupported`` for other kinds (by content, not by name), ``Invalid
    file_rejected`` for empty, broken, locked, oversized or infected ones, ``Unavailable`` for the machine's own
    troubles. An upload that breaks off raises what the stream raises. Nothing is left on disk in any case.
    """
    space = spaces.Directory(workdir)
    with space.file() as upload:
        spaces.fill(upload, spaces.limited(stream, MOST_BYTES, too_large))
        kind = _kind(upload)
        scanner.scan(spaces.pieces(upload))
        result = sandbox.run(_JOBS.get(kind, "picture"), upload, space=space, options={"kind": kind.value})
    digest = hashlib.sha256()
    size = 0
    for piece in spaces.pieces(result.file):
        digest.update(piece)
        size += len(piece)
    return Cleaned(result.file, result.mime, size, digest.hexdigest(), result.width, result.height, result.pages)


def store(cleaned: Cleaned, *, storage: Storage, now: datetime) -> Stored:
    """Encrypt into the storage under a fresh id and a key of its own; outside of any transaction.

    Order: receive, store, then the row (``service.add``) in a transaction. When that refuses, ``discard``. When
    the machine dies or the fate of the commit is not known (``Unavailable``), leave the file: the row may be there,
    and if not, ``housekeeping.orphans`` removes the file a day later; nobody can read it without its row.
    """
    document, key = ids.new_id(now), os.urandom(32)
    storage_key = f"{STORED_AS}/{ids.encode(document)}"
    storage.put(storage_key, encrypt(cleaned.chunks(), key, context(document)))
    return Stored(
        id=document,
        storage_key=storage_key,
        file_key=key,
        mime=cleaned.mime,
        size=cleaned.size,
        sha256=cleaned.sha256,
        width=cleaned.width,
        height=cleaned.height,
        pages=cleaned.pages,
    )


def discard(stored: Stored, *, storage: Storage) -> None:
    """Remove a stored file whose row was certainly not written."""
    storage.delete(stored.storage_key)


def context(document: int) -> str:
    """What an encrypted file is bound to: the bytes of one document do not open as another's."""
    return f"document|{document}"


def _kind(upload: IO[bytes]) -> Kind:
    upload.seek(0)
    head = upload.read(HEAD)
    if not head:
        raise rejected("empty")
    kind = sniff(head)
    if kind is None:
        raise wrong_type()
    return kind
