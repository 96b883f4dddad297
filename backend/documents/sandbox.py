"""The outside of the sandbox: files of strangers are decoded in a process of their own, never in this one.

A decoder that is taken over, crashes or eats memory dies alone: the child has an empty environment (no secret
is inherited), Python's isolated mode, limits of memory, time and file size, and no open descriptor but its
two files. Those have no name on disk, so a crash of either process leaves nothing readable behind.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from backend.documents.refusals import busy, rejected
from backend.gateways.storage import refusal

WALL_SECONDS = 40.0
#: Children at once in one web process: each may take ``memory_mib``, most take 60–200 MB.
PLACES = 2
WAIT_SECONDS = 20.0
LIMITS: Final[Mapping[str, int]] = {"cpu_seconds": 30, "memory_mib": 1024, "file_mib": 64}
_ROOT = str(Path(__file__).resolve().parent.parent.parent)
_places = threading.BoundedSemaphore(PLACES)


@dataclass(frozen=True, slots=True)
class Result:
    """A new file (nameless, open at its start) and the facts its maker reports about it."""

    file: IO[bytes] = field(repr=False)
    mime: str
    width: int
    height: int
    pages: int | None


def run(job: str, source: IO[bytes], *, workdir: Path, options: Mapping[str, object]) -> Result:
    """Give ``source`` (a real file) to ``documents.decoding.<job>``; ``Invalid`` when it cannot be decoded."""
    target = nameless(workdir)
    try:
        with _place():
            report = _child(job, source, target, options)
        facts = _facts(report)
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return Result(target, facts["mime"], facts["width"], facts["height"], facts["pages"])


def nameless(workdir: Path) -> IO[bytes]:
    """A temporary file without a name: gone when closed, also after ``kill -9``.

    Unbuffered: a buffer would be written once more at closing, and raise again on a full disk.
    """
    try:
        workdir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.TemporaryFile(buffering=0, dir=workdir)
    except OSError as error:
        raise refusal(error) from error


def fill(file: IO[bytes], chunks: Iterable[bytes]) -> None:
    """Write all of it: an unbuffered file takes a part of a piece when the disk is nearly full."""
    for chunk in chunks:
        rest = memoryview(chunk)
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except OSError as error:
            raise refusal(error) from error


def pieces(file: IO[bytes], size: int = 64 * 1024) -> Iterator[bytes]:
    """The file from its start in pieces."""
    file.seek(0)
    while piece := file.read(size):
        yield piece


def _child(job: str, source: IO[bytes], target: IO[bytes], options: Mapping[str, object]) -> bytes:
    source.seek(0)
    start = f"import sys; sys.path.append({_ROOT!r}); from backend.documents.decoding.{job} import main; main()"
    order = json.dumps({**LIMITS, **options, "out": target.fileno()})
    try:
        return subprocess.run(  # noqa: S603 - our own interpreter and code, no shell
            [sys.executable, "-I", "-B", "-c", start, order],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(target.fileno(),),
            env={"LC_ALL": "C.UTF-8"},
            cwd="/",
            timeout=WALL_SECONDS,
            check=False,
        ).stdout
    except subprocess.TimeoutExpired as error:
        raise rejected("too_complex") from error
    except OSError as error:  # no memory or no process left for a child
        raise busy() from error


def _facts(report: bytes) -> dict[str, Any]:
    """No report means that the decoder died over the file: killed by a limit or a fault of its own."""
    answer: dict[str, Any] = json.loads(report or b'{"refused": "broken"}')
    if "refused" in answer:
        raise rejected(answer["refused"])
    facts: dict[str, Any] = answer["done"]
    return facts


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise busy()
    try:
        yield
    finally:
        _places.release()
