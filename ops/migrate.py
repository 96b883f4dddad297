"""Migrations in process: up, down, and whether they say the same as the models."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import BLOB, LargeBinary, MetaData, Text, create_engine
from sqlalchemy.dialects.mysql import LONGTEXT, MEDIUMBLOB, MEDIUMTEXT, TINYBLOB

import backend.models
from backend.models.base import Base, UtcDateTime
from backend.models.tip import TipsBase
from config.settings import ROOT, load_settings

MIGRATIONS = ROOT / "migrations"
REVISIONS = MIGRATIONS / "versions"


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one database and where their revisions lie."""

    metadata: MetaData
    revisions: Path


MAIN = Tables(Base.metadata, REVISIONS)
#: A database of its own: nothing of it is in the other's revisions, nor the other way round.
TIPS = Tables(TipsBase.metadata, MIGRATIONS / "tips")


def every_model() -> MetaData:
    """Import each module of ``backend.models``, so that the metadata knows every table."""
    for module in pkgutil.iter_modules(backend.models.__path__):
        importlib.import_module(f"backend.models.{module.name}")
    return Base.metadata


def configuration(url: str, tables: Tables = MAIN) -> Config:
    """Alembic's settings for one database; no file, the address stays out of command lines and disks."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("version_locations", str(tables.revisions))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes.update(url=url, tables=tables)
    return config


def upgrade(url: str, revision: str = "head", *, tables: Tables = MAIN) -> None:
    """Bring a database to a revision; does nothing where it is there already."""
    command.upgrade(configuration(url, tables), revision)


def downgrade(url: str, revision: str = "base", *, tables: Tables = MAIN) -> None:
    command.downgrade(configuration(url, tables), revision)


def differences(url: str, tables: Tables = MAIN) -> list[Any]:
    """What autogenerate would still change on a migrated database; empty when migrations = models."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts=comparison(tables))
            return list(compare_metadata(context, tables.metadata))
    finally:
        engine.dispose()


def comparison(tables: Tables = MAIN) -> dict[str, Any]:
    """How the database is compared with the models; the same for the check and for new revisions."""
    every_model()
    return {
        "target_metadata": tables.metadata,
        "compare_type": _changed,
        "compare_server_default": True,
        "render_item": _render,
    }


def _changed(_context: Any, _column: Any, _other: Any, standing: Any, wanted: Any) -> bool | None:
    """MariaDB picks the size of a long text or of bytes by itself; everything else Alembic compares."""
    if isinstance(standing, LONGTEXT | MEDIUMTEXT) and isinstance(wanted, Text):
        return False
    return False if isinstance(standing, TINYBLOB | BLOB | MEDIUMBLOB) and isinstance(wanted, LargeBinary) else None


def _render(kind: str, item: Any, context: Any) -> str | bool:
    """Our moments as plain types: a revision must not change when the models' code does."""
    if kind == "type" and isinstance(item, UtcDateTime):
        context.imports.add("from sqlalchemy.dialects import mysql")
        return "sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql', 'mariadb')"
    return False


def revise(message: str, names: set[str] | None = None, *, tables: Tables = MAIN) -> None:
    """Write the next numbered revision: what the models have and the revisions lack (``names``: of these only)."""

    def include(item: Any, name: str, kind: str, *_: Any) -> bool:
        table = name if kind == "table" else item.table.name
        return names is None or table in names

    with tempfile.TemporaryDirectory() as directory:
        config = configuration(f"sqlite:///{directory}/standing.db", tables)
        config.attributes["include"] = include
        command.upgrade(config, "head")
        number = len(list(tables.revisions.glob("*.py"))) + 1
        command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")


def main() -> None:
    """``python -m ops.migrate new "add the station of a booking" [table …]``, or ``up``, ``down REVISION``.

    ``tips-new "…"`` for the database of the tip line; ``up`` brings both up.
    """
    match sys.argv[1:]:
        case ["new", message, *names]:
            revise(message, set(names) or None)
        case ["tips-new", message]:
            revise(message, tables=TIPS)
        case ["up"]:
            settings = load_settings()
            upgrade(settings.database_url)
            upgrade(settings.tips.database_url, tables=TIPS)
        case ["down", revision]:
            downgrade(load_settings().database_url, revision)
        case _:
            raise SystemExit(main.__doc__)


if __name__ == "__main__":
    main()
