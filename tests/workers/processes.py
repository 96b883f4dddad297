"""Real worker and relay processes of one test installation, killed and started again at will."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from config.settings import Settings
from ops.leash import leash

ROOT = Path(__file__).resolve().parents[2]
WORKER = ("workers.main", "now")
HEAVY = ("workers.main", "heavy")
RELAY = ("workers.relay",)


class Process:
    """One ``python -m …`` with the environment of an installation; it ends with this process."""

    def __init__(self, settings: Settings, *module: str, more: Mapping[str, str] | None = None) -> None:
        self._command = leash([sys.executable, "-m", *module])
        self._environment = os.environ | {
            "PROFILE": settings.profile,
            "DATA_DIR": str(settings.data_dir),
            "DATABASE_URL": settings.database_url,
            "TIPS_DATABASE_URL": settings.tips.database_url,
            "REDIS_URL": settings.redis_url,
            **(more or {}),
        }
        self._log = settings.data_dir / f"{'-'.join(module)}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, env=self._environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        return self

    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def kill(self) -> None:
        self.end(signal.SIGKILL)

    def kill_all(self) -> None:
        """Kill it with what it has forked: a job runs in a child of the worker, which would finish its batch."""
        children = self.children()
        self.kill()
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def children(self) -> list[int]:
        """Process ids (Linux only)."""
        if self.process is None:
            return []
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in listed.read_text().split()] if listed.exists() else []

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and wait; the exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(number)
        return self.process.wait(30)

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if not self.ended():
            self.kill()


def eventually(true: Callable[[], bool], *, seconds: float = 20) -> bool:
    """Whether something becomes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return true()
