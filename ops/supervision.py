"""supervisord's configuration: what runs, how it is restarted, in which order it stops."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from config.queues import QUEUES
from config.settings import ROOT, Settings
from ops import broker
from ops.leash import leash

BIN = Path(sys.executable).parent
#: Threads per web worker: more than the cores, since requests wait for the database.
WEB_THREADS = 4


def configuration(settings: Settings, embedded: bool) -> str:
    """supervisord's configuration. The app is one group and the broker another, so that each group stops at
    once and the broker after those who use it (higher priority stops first)."""
    programs = _programs(settings)
    parts = [_supervisord(settings.data_dir), *(_program(name, command) for name, command in programs.items())]
    parts.append(_section("group:yangguang", {"programs": ",".join(programs), "priority": "20"}))
    if embedded:
        parts.append(_program("broker", broker.command(settings.data_dir), priority="10"))
    parts.append(_program("ready", [sys.executable, "-m", "ops.ready"], autorestart="false", priority="30"))
    return "\n".join(parts)


def web_command(host: str, port: int, target: str = "ops.web:app") -> list[str]:
    """The web server's command line: one worker process, so that the embedded default keeps within its memory
    (550 MB in all), restarted by its master when it dies."""
    return [
        str(BIN / "granian"),
        *("--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", "1", "--blocking-threads", str(WEB_THREADS)),
        *("--respawn-failed-workers", "--workers-kill-timeout", "4", "--no-ws", "--log-level", "warning"),
        target,
    ]


def tips_command(host: str, port: int) -> list[str]:
    """The same for the tip line alone, whose front reads the bodies."""
    return [
        str(BIN / "granian"),
        *("--interface", "rsgi", "--host", host, "--port", str(port), "--workers", "1"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "4", "--no-ws", "--log-level", "warning"),
        "ops.tips_web:front",
    ]


def _programs(settings: Settings) -> dict[str, list[str]]:
    python = sys.executable
    # People wait for pages, not for messages: where cores are few, the workers step back.
    workers = {f"worker-{queue}": ["nice", "-n", "5", python, "-m", "workers.main", queue] for queue in QUEUES}
    programs = {
        "web": web_command(settings.host, settings.port),
        **workers,
        "relay": [python, "-m", "workers.relay"],
    }
    if settings.profile == "demo" and urlsplit(settings.wechat.api_url).hostname == "127.0.0.1":
        programs["wechat"] = [python, "-m", "standins.wechat"]
    return programs


def _supervisord(data_dir: Path) -> str:
    values = {
        "nodaemon": "true",
        "logfile": f"{data_dir}/supervisor.log",
        "logfile_maxbytes": "1MB",
        "logfile_backups": "1",
        "loglevel": "warn",
        "pidfile": f"{data_dir}/supervisor.pid",
        "directory": str(ROOT),
    }
    # Said by name, or supervisord warns about it at every start.
    return _section("supervisord", values | ({"user": "root"} if os.geteuid() == 0 else {}))


def _program(name: str, command: list[str], *, autorestart: str = "true", priority: str = "20") -> str:
    values = {
        "command": shlex.join(leash(command)),
        "autorestart": autorestart,
        # 0: a child counts as started at once, so that supervisord restarts it for ever and without a growing pause.
        "startsecs": "0",
        "priority": priority,
        "stopwaitsecs": "6",
        "killasgroup": "true",
        "redirect_stderr": "true",
        **_output(),
    }
    return _section(f"program:{name}", values)


def _output() -> dict[str, str]:
    """Children speak on our own standard output; where it cannot be opened again (a socket), into files."""
    try:
        os.close(os.open("/dev/fd/1", os.O_WRONLY | os.O_APPEND))
    except OSError:
        return {"stdout_logfile": "AUTO", "stdout_logfile_maxbytes": "5MB", "stdout_logfile_backups": "2"}
    return {"stdout_logfile": "/dev/fd/1", "stdout_logfile_maxbytes": "0"}


def _section(name: str, values: Mapping[str, str]) -> str:
    """One section; supervisord expands % in values."""
    lines = [f"{key}={value.replace('%', '%%')}" for key, value in values.items()]
    return "\n".join([f"[{name}]", *lines, ""])
