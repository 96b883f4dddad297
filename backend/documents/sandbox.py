"""The outside of the sandbox: files of strangers are decoded in a process of their own, never in this one.

A decoder that is taken over, crashes or eats memory dies alone: the child has an empty environment (no secret
is inherited), Python's isolated mode, limits of memory, time and file size, and no open descriptor but its
two files. Those have no name on disk or lie in memory (``spaces``), so a crash of either process leaves nothing
readable behind.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from backend.documents import lending
from backend.documents.refusals import REASONS, busy, out_of_order, rejected
from backend.documents.spaces import Space

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
_MOST_SECONDS = 24 * 3600
#: The kernel's answers to too much processor time and too much memory.
_OVER_LIMIT = {signal.SIGKILL, signal.SIGXCPU}
_START = "import sys; sys.path.append({root!r}); from backend.documents.decoding.{job} import main; main()"
_places = threading.BoundedSemaphore(PLACES)


@dataclass(frozen=True, slots=True)
class Result:
    """A new file (nameless, open at its start) and the facts its maker reports about it."""

    file: IO[bytes] = field(repr=False)
    mime: str
    #: 0 for sound.
    width: int
    height: int
    #: None for all but a PDF.
    pages: int | None
    #: None for all but sound.
    seconds: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.file.close()


def run(
    job: str, source: IO[bytes], *, space: Space, options: Mapping[str, object], wall_seconds: float | None = None
) -> Result:
    """Give ``source`` to ``documents.decoding.<job>``; ``Invalid`` when it cannot be decoded.

    The result and the report are made in ``space``; ``source`` lies where the caller put it. ``options`` may hold
    limits of their own beside what the job wants to know; ``wall_seconds`` goes with a higher ``cpu_seconds``.
    """
    target = space.file()
    try:
        with space.file() as report, _place():
            code = _child(job, (source, target, report), {**LIMITS, **options}, wall_seconds or WALL_SECONDS)
            facts = _facts(code, _end_of(report))
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return Result(target, **facts)


def _child(job: str, files: tuple[IO[bytes], IO[bytes], IO[bytes]], options: Mapping[str, Any], wall: float) -> int:
    """Its exit code. The report is a file with a limit: a decoder gone wild fills that, not our memory."""
    source, target, report = files
    most = options["file_mib"] * 1024 * 1024
    with (
        lending.readable(source) as given,
        lending.writable(target, most) as out,
        lending.writable(report, most) as said,
    ):
        command = [sys.executable, "-I", "-B", "-c", _START.format(root=_ROOT, job=job)]
        try:
            return subprocess.run(  # noqa: S603 - our own interpreter and code, no shell
                [*command, json.dumps({**options, "out": out})],
                stdin=given,
                stdout=said,
                stderr=said,
                pass_fds=(out,),
                env={"LC_ALL": "C.UTF-8"},
                cwd="/",
                timeout=wall,
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
        case {"done": {"mime": "audio/mpeg" as mime, "seconds": int(seconds)}} if 0 < seconds <= _MOST_SECONDS:
            return {"mime": mime, "width": 0, "height": 0, "pages": None, "seconds": seconds}
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
