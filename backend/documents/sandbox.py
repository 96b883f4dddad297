"""The outside of the sandbox: files of strangers are decoded in a process of their own, never in this one.

A decoder that is taken over, crashes or eats memory dies alone: the child has an empty environment (no secret
is inherited), Python's isolated mode, limits of memory, time and file size, and no open descriptor but its
two files. Those have no name on disk, so a crash of either process leaves nothing readable behind.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from backend.documents.refusals import REASONS, busy, out_of_order, rejected
from backend.gateways.storage import refusal

log = logging.getLogger(__name__)

WALL_SECONDS = 20.0
#: Children at once in one web process: each may take ``memory_mib``, most take 60–200 MB.
PLACES = 2
WAIT_SECONDS = 20.0
LIMITS: Final[Mapping[str, int]] = {"cpu_seconds": 12, "memory_mib": 1024, "file_mib": 64}
_ROOT = str(Path(__file__).resolve().parent.parent.parent)
_REPORT_BYTES = 2000
_MOST_PIXELS = 100_000  # of one side
MIMES = ("image/jpeg", "application/pdf")
#: The kernel's answers to too much processor time and too much memory.
_OVER_LIMIT = {signal.SIGKILL, signal.SIGXCPU}
_START = "import sys; sys.path.append({root!r}); from backend.documents.decoding.{job} import main; main()"
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
        with nameless(workdir) as report, _place():
            code = _child(job, source, target, report, options)
            facts = _facts(code, _end_of(report))
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


def _child(job: str, source: IO[bytes], target: IO[bytes], report: IO[bytes], options: Mapping[str, object]) -> int:
    """Its exit code. The report is a file and no pipe: a decoder gone wild fills 64 MiB of disk, not our memory."""
    source.seek(0)
    order = json.dumps({**LIMITS, **options, "out": target.fileno()})
    try:
        return subprocess.run(  # noqa: S603 - our own interpreter and code, no shell
            [sys.executable, "-I", "-B", "-c", _START.format(root=_ROOT, job=job), order],
            stdin=source,
            stdout=report,
            stderr=report,
            pass_fds=(target.fileno(),),
            env={"LC_ALL": "C.UTF-8"},
            cwd="/",
            timeout=WALL_SECONDS,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired as error:
        raise rejected("too_complex") from error
    except OSError as error:  # no memory or no process left for a child
        raise busy() from error


def _facts(code: int, report: bytes) -> dict[str, Any]:
    """What the last line of the report says; an abnormal end says that the file killed its decoder, or that
    our own set-up is wrong (a positive exit code: the decoder never began)."""
    if code > 0:
        log.error("the sandbox does not start: %s", report.decode("utf-8", "replace"))
        raise out_of_order()
    if code < 0:
        raise rejected("too_complex" if -code in _OVER_LIMIT else "broken")
    answer = _believable(report.rpartition(b"\n")[2])
    if "refused" in answer:
        raise rejected(answer["refused"])
    return answer


def _believable(line: bytes) -> dict[str, Any]:
    """The facts, or a reason to refuse. A decoder that was taken over may write anything: believe only the form."""
    match _parsed(line):
        case {"refused": str(reason)} if reason in REASONS:
            return {"refused": reason}
        case {"done": {"mime": str(mime), "width": int(width), "height": int(height), "pages": int() | None as pages}}:
            if mime in MIMES and 0 < width <= _MOST_PIXELS and 0 < height <= _MOST_PIXELS:
                return {"mime": mime, "width": width, "height": height, "pages": pages}
    return {"refused": "broken"}


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _end_of(report: IO[bytes]) -> bytes:
    report.seek(max(0, report.seek(0, os.SEEK_END) - _REPORT_BYTES))
    return report.read(_REPORT_BYTES)


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise busy()
    try:
        yield
    finally:
        _places.release()
