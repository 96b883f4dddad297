"""Argon2 takes 32 MiB and a core for 60 ms: at most two at a time in one process, the others wait a little."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from backend.kernel import sealing
from backend.kernel.errors import Unavailable
from backend.kernel.i18n import N_

PLACES = 2
#: Seconds that a request waits for its place.
PATIENCE = 10.0
_places = threading.BoundedSemaphore(PLACES)
_lock = threading.Lock()
_waiting = 0


def from_words(words: str, salt: bytes) -> bytes:
    """``sealing.from_words`` in turn; ``Unavailable`` when nobody came out for ten seconds."""
    with _place():
        return sealing.from_words(words, salt)


def waiting() -> int:
    """How many are inside or wait: what load is measured by."""
    return _waiting


@contextmanager
def _place() -> Iterator[None]:
    _count(1)
    try:
        if not _places.acquire(timeout=PATIENCE):
            raise Unavailable("tips_busy", N_("现在人多，请过一会儿再点一次，填的都在"), retry_after=30)
        try:
            yield
        finally:
            _places.release()
    finally:
        _count(-1)


def _count(step: int) -> None:
    global _waiting  # noqa: PLW0603 - a gauge of this process
    with _lock:
        _waiting += step
