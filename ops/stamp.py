"""Whether the embedded database was already brought up to this version; no heavy imports."""

from __future__ import annotations

import hashlib
from pathlib import Path

from config.settings import Settings

STAMP = "prepared"
#: What the data of a demo are made from.
SOURCES = (
    *("migrations/versions/*.py", "migrations/tips/*.py"),
    *("config/catalogue/*.toml", "config/regions/*.csv", "backend/accounts/demo.py", "backend/tips/demo.py"),
)


def digest(root: Path) -> str:
    """SHA-256 over the names and contents of the sources."""
    total = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            total.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return total.hexdigest()


def is_prepared(settings: Settings, root: Path) -> bool:
    """Only for the SQLite file of this data directory; any other database is always asked."""
    stamp = settings.data_dir / STAMP
    files = {"yangguang.db": settings.database_url, "tips.db": settings.tips.database_url}
    for name, url in files.items():
        if url != f"sqlite:///{settings.data_dir / name}" or not (settings.data_dir / name).exists():
            return False
    return stamp.exists() and stamp.read_text(encoding="utf-8") == digest(root)
