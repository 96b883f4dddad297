"""Where encrypted files lie. Keys are ``kind/id``: never a user's name, never a path from outside."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from backend.kernel.errors import Unavailable
from backend.kernel.i18n import N_

CHUNK = 64 * 1024
_KEY = re.compile(r"[a-z]{1,20}/[0-9a-z]{1,64}", re.ASCII)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_INCOMING = ".incoming"


class Missing(Exception):
    """No file lies under this key."""


class Storage(Protocol):
    """What a file system and an object store (S3) can both do: whole files, written once, by key."""

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        """Store a file, all or nothing, and return its bytes; ``Unavailable`` when there is no room."""

    def open(self, key: str) -> Iterator[bytes]:
        """The bytes in pieces; ``Missing`` at once, not at the first piece."""

    def delete(self, key: str) -> None:
        """Remove it; a file that is gone already is no error (a purge may be run again)."""

    def exists(self, key: str) -> bool:
        """Whether a complete file lies under this key."""

    def keys(self, kind: str, *, older_than: timedelta) -> Iterator[str]:
        """The keys of one kind whose files are older by the storage's own clock."""

    def tidy(self, *, older_than: timedelta) -> int:
        """Remove what interrupted writes left behind; the number of pieces removed."""


def refusal(error: OSError) -> Unavailable:
    """A failed write in words: no room (``storage_full``) or another fault (``storage_unavailable``)."""
    if error.errno in _FULL:
        return Unavailable(
            "storage_full", N_("存放材料的空间满了，我们正在处理，请过一会儿再传，已填的内容都在"), retry_after=300
        )
    return Unavailable("storage_unavailable", N_("现在存不了材料，请过一会儿再传，已填的内容都在"), retry_after=60)


class FileStorage:
    """A directory tree on one file system, spread over 1,024 folders by the random end of the id.

    A file is written under ``.incoming``, forced to disk and renamed: after a crash it is there whole
    or not at all, and ``tidy`` removes the remains.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        target = self._path(key)
        try:
            draft = self._draft()
            try:
                size = _write(draft, chunks)
                _folder(target.parent)
                os.replace(draft, target)
            finally:
                draft.unlink(missing_ok=True)
            _force(target.parent)
        except OSError as error:
            raise refusal(error) from error
        return size

    def open(self, key: str) -> Iterator[bytes]:
        try:
            descriptor = os.open(self._path(key), os.O_RDONLY)
        except FileNotFoundError as error:
            raise Missing(key) from error
        return _pieces(descriptor)

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def keys(self, kind: str, *, older_than: timedelta) -> Iterator[str]:
        # File times are the machine's, so the product's clock (which the demo can move) plays no part.
        before = time.time() - older_than.total_seconds()
        for folder in sorted((self.root / kind).glob("??")):  # one folder in memory at a time
            for path in sorted(folder.iterdir()):
                if _modified(path) < before:
                    yield f"{kind}/{path.name}"

    def tidy(self, *, older_than: timedelta) -> int:
        before = time.time() - older_than.total_seconds()
        stale = [path for path in (self.root / _INCOMING).glob("*") if _modified(path) < before]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError("not a storage key")
        kind, _, name = key.partition("/")
        return self.root / kind / name[-2:].rjust(2, "0") / name

    def _draft(self) -> Path:
        folder = self.root / _INCOMING
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / secrets.token_hex(16)


class MemoryStorage:
    """The fake: files in a dictionary, with room for ``limit`` bytes. All files are as old as asked for."""

    def __init__(self, limit: int | None = None) -> None:
        self.files: dict[str, bytes] = {}
        self.limit = limit

    def put(self, key: str, chunks: Iterable[bytes]) -> int:
        content = b"".join(chunks)
        if self.limit is not None and sum(map(len, self.files.values())) + len(content) > self.limit:
            raise refusal(OSError(errno.ENOSPC, "full"))
        self.files[key] = content
        return len(content)

    def open(self, key: str) -> Iterator[bytes]:
        if key not in self.files:
            raise Missing(key)
        content = self.files[key]
        return (content[at : at + CHUNK] for at in range(0, len(content), CHUNK))

    def delete(self, key: str) -> None:
        self.files.pop(key, None)

    def exists(self, key: str) -> bool:
        return key in self.files

    def keys(self, kind: str, *, older_than: timedelta) -> Iterator[str]:
        return iter([key for key in sorted(self.files) if key.startswith(f"{kind}/")])

    def tidy(self, *, older_than: timedelta) -> int:
        return 0


def _write(path: Path, chunks: Iterable[bytes]) -> int:
    size = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for chunk in chunks:
            size += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return size


def _pieces(descriptor: int) -> Iterator[bytes]:
    with os.fdopen(descriptor, "rb") as file:
        while piece := file.read(CHUNK):
            yield piece


def _folder(path: Path) -> None:
    if path.is_dir():
        return
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    _force(path.parent)


def _force(folder: Path) -> None:
    """A rename is safe only once the folder itself has reached the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _modified(path: Path) -> float:
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_mtime
    return float("inf")
