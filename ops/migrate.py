"""Migrations in process: up, down, and whether they say the same as the models."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import tempfile
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, Text, create_engine
from sqlalchemy.dialects.mysql import LONGTEXT, MEDIUMTEXT

import backend.models
from backend.models.base import Base, UtcDateTime
from config.settings import ROOT, load_settings

MIGRATIONS = ROOT / "migrations"
REVISIONS = MIGRATIONS / "versions"


def every_model() -> MetaData:
    """Import each module of ``backend.models``, so that the metadata knows every table."""
    for module in pkgutil.iter_modules(backend.models.__path__):
        importlib.import_module(f"backend.models.{module.name}")
    return Base.metadata


def configuration(url: str) -> Config:
    """Alembic's settings for one database; no file, the address stays out of command lines and disks."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database to a revision; does nothing where it is there already."""
    command.upgrade(configuration(url), revision)


def downgrade(url: str, revision: str = "base") -> None:
    command.downgrade(configuration(url), revision)


def differences(url: str) -> list[Any]:
    """What autogenerate would still change on a migrated database; empty when migrations = models."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts=comparison())
            return list(compare_metadata(context, every_model()))
    finally:
        engine.dispose()


def comparison() -> dict[str, Any]:
    """How the database is compared with the models; the same for the check and for new revisions."""
    return {
        "target_metadata": every_model(),
        "compare_type": _changed,
        "compare_server_default": True,
        "render_item": _render,
    }


def _changed(_context: Any, _column: Any, _other: Any, standing: Any, wanted: Any) -> bool | None:
    """MariaDB picks MEDIUMTEXT or LONGTEXT for a long text by itself; everything else Alembic compares."""
    return False if isinstance(standing, LONGTEXT | MEDIUMTEXT) and isinstance(wanted, Text) else None


def _render(kind: str, item: Any, context: Any) -> str | bool:
    """Our moments as plain types: a revision must not change when the models' code does."""
    if kind == "type" and isinstance(item, UtcDateTime):
        context.imports.add("from sqlalchemy.dialects import mysql")
        return "sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb')"
    return False


def revise(message: str, tables: set[str] | None = None) -> None:
    """Write the next numbered revision: what the models have and the revisions lack (``tables``: of these only)."""

    def include(item: Any, name: str, kind: str, *_: Any) -> bool:
        table = name if kind == "table" else item.table.name
        return tables is None or table in tables

    with tempfile.TemporaryDirectory() as directory:
        config = configuration(f"sqlite:///{directory}/standing.db")
        config.attributes["include"] = include
        command.upgrade(config, "head")
        number = len(list(REVISIONS.glob("*.py"))) + 1
        command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")


def main() -> None:
    """``python -m ops.migrate new "add the station of a booking" [table …]``, or ``up``, ``down REVISION``."""
    match sys.argv[1:]:
        case ["new", message, *tables]:
            revise(message, set(tables) or None)
        case ["up"]:
            upgrade(load_settings().database_url)
        case ["down", revision]:
            downgrade(load_settings().database_url, revision)
        case _:
            raise SystemExit(main.__doc__)


if __name__ == "__main__":
    main()
