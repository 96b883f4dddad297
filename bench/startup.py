"""``make run`` for the second time: seconds to Ready, and the memory of all its processes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from bench.context import Context
from bench.harness import Figure, absolute
from config.settings import ROOT
from tests.servers import free_port

PATIENCE = 120.0
#: The processes are measured after they have answered something and settled.
SETTLE = 5.0


def run(context: Context) -> list[Figure]:
    """The first start only fills the data directory."""
    directory = context.directory()
    _start_and_stop(directory)
    seconds, megabytes = _start_and_stop(directory)
    return [
        absolute("startup", seconds, goal="≤ 8", unit="s to Ready, second start"),
        absolute("startup_memory", megabytes, goal="≤ 400", unit="MB of all processes (PSS)"),
    ]


def _start_and_stop(directory: Path) -> tuple[float, float]:
    """Seconds until Ready is said, and the memory a little later."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    environment |= {"DATA_DIR": str(directory), "PORT": str(free_port())}
    started = time.monotonic()
    process = subprocess.Popen(
        ["make", "--no-print-directory", "run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        _until_ready(process)
        seconds = time.monotonic() - started
        time.sleep(SETTLE)
        return seconds, sum(_proportional_kilobytes(pid) for pid in _session(process.pid)) / 1000
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _until_ready(process: subprocess.Popen[str]) -> None:
    deadline, said = time.monotonic() + PATIENCE, []
    for line in process.stdout or ():
        said.append(line)
        if line.startswith("Ready"):
            return
        if time.monotonic() > deadline:
            break
    raise SystemExit(f"make run did not get ready:\n{''.join(said)[-2000:]}")


def _session(leader: int) -> list[int]:
    """The processes that began under this one."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = path.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(after_name[1]), []).append(int(path.parent.name))
    found, waiting = [], [leader]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def _proportional_kilobytes(pid: int) -> int:
    """Shared pages count by the share of each process."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
