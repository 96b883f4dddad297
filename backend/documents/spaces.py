"""Where the bytes of a stranger's file lie while it is decoded: on disk without a name, or in memory alone.

Evidence of a tip never touches a disk, not even without a name: what was written and removed can be read from the
blocks for years. Linux has files that are memory (``memfd_create``); elsewhere the bytes lie on the heap and
``lending`` carries them to the child and back through pipes.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Protocol

from backend.gateways.storage import refusal
from backend.kernel.errors import Problem

PIECE = 64 * 1024


class Readable(Protocol):
    """Whatever an upload arrives as."""

    def read(self, size: int, /) -> bytes: ...


class Space(Protocol):
    """Makes files that are gone when closed, also after ``kill -9``; ``Unavailable`` when there is no room."""

    def file(self) -> IO[bytes]: ...


@dataclass(frozen=True, slots=True)
class Directory:
    """Temporary files without a name in a directory."""

    path: Path

    def file(self) -> IO[bytes]:
        """Unbuffered: a buffer would be written once more at closing, and raise again on a full disk."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            return tempfile.TemporaryFile(buffering=0, dir=self.path)
        except OSError as error:
            raise refusal(error) from error


class MemoryFile(io.FileIO):
    """A file that is memory and has a descriptor for a child."""


class Memory:
    """Files of the kernel's own memory (Linux)."""

    def file(self) -> IO[bytes]:
        try:
            return MemoryFile(os.memfd_create(""), "w+b")
        except OSError as error:
            raise refusal(error) from error


class Heap:
    """Files of this process's memory, for systems without ``memfd_create``."""

    def file(self) -> IO[bytes]:
        return io.BytesIO()


#: What this machine can do, found once.
MEMORY: Final[Space] = Memory() if hasattr(os, "memfd_create") else Heap()


def fill(file: IO[bytes], chunks: Iterable[bytes]) -> None:
    """Write all of it: an unbuffered file takes a part of a piece when the disk is nearly full."""
    for chunk in chunks:
        rest = memoryview(chunk)
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except OSError as error:
            raise refusal(error) from error


def pieces(file: IO[bytes], size: int = PIECE) -> Iterator[bytes]:
    """The file from its start in pieces."""
    file.seek(0)
    while piece := file.read(size):
        yield piece


def limited(stream: Readable, most: int, too_large: Callable[[], Problem]) -> Iterator[bytes]:
    """The stream in pieces; stops reading with ``too_large()`` above ``most`` bytes."""
    taken = 0
    while piece := stream.read(PIECE):
        taken += len(piece)
        if taken > most:
            raise too_large()
        yield piece


@contextmanager
def held_in_memory(stream: Readable, most: int, too_large: Callable[[], Problem]) -> Iterator[IO[bytes]]:
    """The stream as a file of memory: itself when it is one already (then it stays open), otherwise a copy."""
    if isinstance(stream, (MemoryFile, io.BytesIO)):
        if stream.seek(0, os.SEEK_END) > most:
            raise too_large()
        yield stream
        return
    with MEMORY.file() as file:
        fill(file, limited(stream, most, too_large))
        yield file
