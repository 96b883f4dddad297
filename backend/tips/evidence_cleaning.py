"""Evidence as it may be kept: made anew in memory, so that nothing of the phone, place, day or hand is in it.

A picture becomes a new JPEG, a PDF one of pictures, a recording a new MP3 (``documents.decoding``, in a process of
its own). Nothing is written to a disk on the way, not even without a name (``documents.spaces``). No scanner looks at
it: clamd would write it to its own disk, and what is made anew carries nothing of what a scanner looks for.

What this cannot remove: a face, a voice, a place to be recognised in the picture itself. The page says so.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

from backend.documents import sandbox, spaces
from backend.documents.kinds import Kind
from backend.documents.refusals import busy, not_evidence, rejected, too_large_evidence
from backend.documents.sandbox import Result
from backend.tips.evidence_kinds import HEAD, Sound, sniff

#: Bytes of one piece of evidence (CONTRACT "Tips": more is 413).
MOST_BYTES = 20 * 1024 * 1024
LONGEST_SECONDS = 3600
_JOBS: Final = {Kind.HEIF: "heif", Kind.PDF: "paper"}
#: An hour of sound takes 25 s of a processor.
_SOUND_LIMITS: Final = {"cpu_seconds": 60, "longest_seconds": LONGEST_SECONDS}
_SOUND_WALL_SECONDS = 75.0
_WAIT_SECONDS = 30.0
#: One at a time, so that a flood of evidence leaves a place in the sandbox to the people who apply for something.
_turn = threading.BoundedSemaphore(1)


def clean(stream: spaces.Readable) -> Result:
    """Take evidence and give back what may be kept, as a file of memory; close ``result.file`` and it is gone.

    ``stream`` is best a file of ``spaces.MEMORY`` (no copy is made then). ``TooLarge`` above 20 MB, ``Unsupported`` for
    other kinds (by content, not by name), ``Invalid file_rejected`` for empty, broken, locked and oversized ones,
    ``Unavailable`` for the machine's own troubles. A stream that breaks off raises what it raises.
    """
    with spaces.held_in_memory(stream, MOST_BYTES, too_large_evidence) as upload:
        kind = _kind(upload)
        with _place():
            if isinstance(kind, Sound):
                options = {"kind": kind.value, **_SOUND_LIMITS}
                return sandbox.run(
                    "sound", upload, space=spaces.MEMORY, options=options, wall_seconds=_SOUND_WALL_SECONDS
                )
            return sandbox.run(_JOBS.get(kind, "picture"), upload, space=spaces.MEMORY, options={"kind": kind.value})


def _kind(upload: IO[bytes]) -> Kind | Sound:
    upload.seek(0)
    head = upload.read(HEAD)
    if not head:
        raise rejected("empty")
    kind = sniff(head)
    if kind is None:
        raise not_evidence()
    return kind


@contextmanager
def _place() -> Iterator[None]:
    if not _turn.acquire(timeout=_WAIT_SECONDS):
        raise busy()
    try:
        yield
    finally:
        _turn.release()
