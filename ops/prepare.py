"""Bring the data of an installation up to this version: migrations, and in the demo its data.

Run as a process of its own, and only when something changed: what it imports takes longer than its work.
"""

from __future__ import annotations

from backend.cli import demo
from backend.runtime import build_runtime
from config.settings import ROOT, load_settings
from ops.migrate import TIPS, upgrade
from ops.stamp import STAMP, digest


def main() -> None:
    settings = load_settings()
    upgrade(settings.database_url)
    upgrade(settings.tips.database_url, tables=TIPS)
    if settings.profile == "demo":
        demo.load(build_runtime(settings))
    (settings.data_dir / STAMP).write_text(digest(ROOT), encoding="utf-8")


if __name__ == "__main__":
    main()
