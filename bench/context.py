"""What a bench may use: private servers, made on first use, and ended with the run."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

from config.settings import ROOT, Settings, load_settings
from ops.leash import leash
from ops.supervision import web_command
from tests.schema import build_both
from tests.servers import Broker, MariaDb, free_port

PATIENCE = 30.0
CONNECTIONS = 32


class Context:
    """One bench run. ``seconds`` is how long a load round takes."""

    def __init__(self, stack: ExitStack, seconds: int = 3) -> None:
        self._stack = stack
        self.seconds = seconds
        self._number = 0

    @cached_property
    def mariadb(self) -> MariaDb:
        """Durable as in production, so that a commit costs what it costs there."""
        return self._stack.enter_context(MariaDb(durable=True))

    @cached_property
    def broker(self) -> Broker:
        return self._stack.enter_context(Broker())

    def directory(self) -> Path:
        return Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="yg-")))

    def installation(self, name: str, **more: str) -> tuple[Settings, dict[str, str]]:
        """A fresh migrated database with its settings, and the environment that gives them to processes."""
        environment = {
            "PROFILE": "test",
            "DATA_DIR": str(self.directory()),
            "DATABASE_URL": self.mariadb.url(name),
            "REDIS_URL": self.broker.url(),
            "LOG_LEVEL": "WARNING",
            **more,
        }
        settings = load_settings(environment)
        build_both(settings)
        return settings, environment

    def serve(self, target: str, environment: Mapping[str, str]) -> str:
        """Start a WSGI app under the product's own server and wait for it; its address."""
        port = free_port()
        command = web_command("127.0.0.1", port, target)
        log = (self.directory() / "log").open("ab")
        environ = {**os.environ, **environment, "PORT": str(port)}
        process = subprocess.Popen(leash(command), cwd=ROOT, env=environ, stdout=log, stderr=log)
        self._stack.callback(_end, process)
        url = f"http://127.0.0.1:{port}"
        _wait(url)
        return url

    def requests_per_second(self, url: str, *headers: str, script: Path | None = None) -> float:
        """wrk at 32 connections; any answer but 2xx is an error of the bench, not a figure. ``script``: Lua."""
        wanted = [part for header in headers for part in ("-H", header)]
        wanted += ["-s", str(script)] if script else []
        command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{self.seconds}s", *wanted, url]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        if "Non-2xx" in said or "Socket errors" in said:
            raise SystemExit(f"{url} did not hold under load:\n{said}")
        found = re.search(r"Requests/sec:\s+([\d.]+)", said)
        if found is None:
            raise SystemExit(f"wrk said nothing about {url}:\n{said}")
        return float(found[1])


def _wait(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return  # whatever it answers, it answers
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{url} did not come up in {PATIENCE:.0f} s")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
        return
    process.kill()
    process.wait()


@contextmanager
def context(seconds: int = 3) -> Iterator[Context]:
    """A context whose servers end with the block."""
    with ExitStack() as stack:
        yield Context(stack, seconds)
