"""`make run`: prepare the data directory, then become supervisord, which starts and restarts everything.

Supervised: web (granian), a worker per queue, the relay, in the demo a stand-in for WeChat and, unless ``REDIS_URL``
names another, the broker.
Everything is one foreground process tree: Ctrl-C or SIGTERM stops all of it, broker last.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from config.settings import ROOT, Settings, load_settings
from ops import broker
from ops.leash import leash
from ops.stamp import is_prepared
from ops.supervision import BIN, configuration
from standins.wechat import account, environment


def main() -> None:
    settings = load_settings()
    _refuse_taken_port(settings)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    embedded = settings.redis_url == f"unix://{settings.data_dir}/broker.sock" and not settings.redis_sentinels
    if embedded:
        _refuse_second_broker(settings.data_dir)
    os.environ.update({**_environment(settings, embedded), **_wechat(settings)})
    if not is_prepared(settings, ROOT):
        done = subprocess.run([sys.executable, "-m", "ops.prepare"], cwd=ROOT, check=False)
        if done.returncode:
            raise SystemExit(done.returncode)
    conf = settings.data_dir / "supervisor.conf"
    conf.write_text(configuration(load_settings(), embedded), encoding="utf-8")
    os.chdir(ROOT)
    sys.stdout.flush()
    # The terminal's end (SIGHUP) means "reload" to supervisord; that its parent is gone means "stop".
    command = leash([sys.executable, str(BIN / "supervisord"), "-n", "-c", str(conf)], "TERM")
    os.execv(command[0], command)  # noqa: S606 - this process becomes supervisord, on purpose without a shell


def _environment(settings: Settings, embedded: bool) -> Mapping[str, str]:
    """What the children must agree on."""
    values = {"DATA_DIR": str(settings.data_dir), "PROFILE": settings.profile, "PYTHONUNBUFFERED": "1"}
    return values | ({"REDIS_URL": f"unix://{broker.socket_path(settings.data_dir)}"} if embedded else {})


def _wechat(settings: Settings) -> Mapping[str, str]:
    """The demo's service account, at a stand-in of its own with new secrets each time; nothing where there is a real
    one, and outside the demo."""
    if settings.profile != "demo" or settings.wechat.app_id:
        return {}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return environment(account(), f"http://127.0.0.1:{port}")


def _refuse_taken_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SystemExit(
                f"PORT: {settings.host}:{settings.port} cannot be used ({error.strerror}). "
                f"Is the product running already? Another one: PORT={settings.port + 1} make run"
            ) from error


def _refuse_second_broker(data_dir: Path) -> None:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(broker.socket_path(data_dir)))
        except OSError:
            return
    raise SystemExit(f"DATA_DIR: the product is running with {data_dir} already; stop it first or choose another")


if __name__ == "__main__":
    main()
