"""The whole product as `make run` starts it, on a free port and in a directory of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from ops.leash import leash
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0


class Product:
    """Supervisor, web, workers, relay and, without ``environment``, SQLite and the embedded broker."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        self.data = Path(tempfile.mkdtemp(prefix="yg-run-"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = environment or {}
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        values = {"PROFILE": "demo", "PORT": str(self.port), "DATA_DIR": str(self.data)} | self._environment
        kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        with (self.data / "output").open("wb") as output:
            self.process = subprocess.Popen(
                leash([sys.executable, "-m", "ops.run"], "TERM"),
                env=kept | values,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        end = time.monotonic() + PATIENCE
        while "Ready: " not in self.output():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(self.output()[-3000:])
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
        shutil.rmtree(self.data, ignore_errors=True)

    def output(self) -> str:
        return (self.data / "output").read_text(encoding="utf-8", errors="replace")

    def get(self, path: str) -> dict[str, object]:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            found: dict[str, object] = json.load(answer)
            return found

    def code(self, mobile: str) -> str:
        """The newest code that was sent to a number."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            items = self.get(f"/dev/messages?to={mobile}&limit=1")["items"]
            assert isinstance(items, list)
            if items and (found := re.search(r"\d{6}", items[0]["text"])):
                return found.group()
            time.sleep(0.1)
        raise AssertionError("no code was sent")
