"""The product's clock in demo and test: the machine's time plus an offset that all processes share."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path


class FileClock:
    """``{"offset": seconds}`` in a file; no file means the machine's time.

    Each call stats the file (about 1 µs) and reads it again only when it has changed, so that
    web, workers and relay move together within one call of each other.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._offset = timedelta()

    def __call__(self) -> datetime:
        """Aware UTC."""
        self._refresh()
        return datetime.now(UTC) + self._offset

    def set(self, moment: datetime | None) -> None:
        """Let the product believe it is ``moment`` (aware) now and go on from there; ``None`` resets."""
        if moment is None:
            self._path.unlink(missing_ok=True)
            return
        offset = (moment - datetime.now(UTC)).total_seconds()
        draft = self._path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps({"offset": offset}), encoding="utf-8")
        draft.replace(self._path)

    def _refresh(self) -> None:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self._seen, self._offset = None, timedelta()
            return
        seen = (stat.st_mtime_ns, stat.st_ino)
        if seen != self._seen:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            self._seen, self._offset = seen, timedelta(seconds=content["offset"])
