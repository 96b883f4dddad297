"""A file in the hands of a child: by its descriptor where it has one, otherwise through a pipe and a thread."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import IO

from backend.documents.spaces import PIECE


@contextmanager
def readable(file: IO[bytes]) -> Iterator[int]:
    """A descriptor from which a child reads the whole file."""
    file.seek(0)
    if not isinstance(file, io.BytesIO):
        yield file.fileno()
        return
    mouth, tail = os.pipe()
    pump = Thread(target=_pour, args=(file, tail), daemon=True)
    pump.start()
    try:
        yield mouth
    finally:
        os.close(mouth)  # a pump that still pours for a dead child ends with a broken pipe
        pump.join()


@contextmanager
def writable(file: IO[bytes], most: int) -> Iterator[int]:
    """A descriptor into which a child writes the file; through a pipe it gets rid of ``most`` bytes and no more."""
    if not isinstance(file, io.BytesIO):
        yield file.fileno()
        return
    mouth, tail = os.pipe()
    pump = Thread(target=_collect, args=(mouth, file, most), daemon=True)
    pump.start()
    try:
        yield tail
    finally:
        os.close(tail)
        pump.join()


def _pour(file: IO[bytes], tail: int) -> None:
    with contextlib.suppress(BrokenPipeError), os.fdopen(tail, "wb", buffering=0) as pipe:
        while piece := file.read(PIECE):
            rest = memoryview(piece)
            while rest:
                rest = rest[pipe.write(rest) :]


def _collect(mouth: int, file: IO[bytes], most: int) -> None:
    with os.fdopen(mouth, "rb", buffering=0) as pipe:
        while piece := pipe.read(min(PIECE, most)):
            most -= file.write(piece)
