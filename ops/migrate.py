"""Migrations in process: up, down, and whether they say the same as the models."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, create_engine

import backend.models
from backend.models.base import Base

ROOT = Path(__file__).resolve().parent.parent
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
    return {"compare_type": True, "compare_server_default": True, "target_metadata": every_model()}
