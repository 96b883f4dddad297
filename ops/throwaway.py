"""The product on a free port with data that nobody needs afterwards, for walks through it."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from config.settings import ROOT

PATIENCE = 120.0
LOOPBACK = "127.0.0.1"


@contextmanager
def product() -> Iterator[str]:
    """Its address; the demo as `make run` serves it, stopped as Ctrl-C stops it."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="yangguang-") as directory:
        environment = {**os.environ, "PROFILE": "demo", "PORT": str(port), "DATA_DIR": directory}
        command = [sys.executable, "-m", "ops.run"]
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
            try:
                _wait(process, port)
                yield f"http://{LOOPBACK}:{port}"
            finally:
                process.send_signal(signal.SIGTERM)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.2)
    raise SystemExit(f"the product did not start on port {port}")
