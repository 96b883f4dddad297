"""One row in every table of a database as it stands at some revision, whatever its columns are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Date, DateTime, Engine, LargeBinary, MetaData, String, Table

from backend.models.base import Base


def fill(engine: Engine, *, now: datetime, words: str = "甲", models: MetaData = Base.metadata) -> list[str]:
    """Insert one row into each table that is empty; returns the names of those tables."""
    standing = MetaData()
    standing.reflect(engine)
    filled = []
    for table in standing.sorted_tables:
        if table.name == "alembic_version":
            continue
        with engine.begin() as connection:
            if connection.execute(table.select().limit(1)).first() is None:
                connection.execute(table.insert().values(_row(table, now, words, models)))
                filled.append(table.name)
    return filled


def _row(table: Table, now: datetime, words: str, models: MetaData) -> dict[str, Any]:
    model = models.tables.get(table.name)
    return {column.name: _value(model, column, now, words) for column in table.columns if not _counted(column)}


def _counted(column: Column[Any]) -> bool:
    return column.primary_key and column.autoincrement is True


def _value(model: Table | None, column: Column[Any], now: datetime, words: str) -> Any:
    """A value of the column's type that its CHECK allows."""
    if allowed := _allowed(model, column.name):
        return allowed
    kind = column.type
    if _is_json(model, column):
        return {} if isinstance(kind, JSON) else "{}"
    if isinstance(kind, DateTime):
        return now.replace(tzinfo=None)
    if isinstance(kind, Date):
        return now.date()
    if isinstance(kind, LargeBinary):
        return words.encode()
    return words[: kind.length or None] if isinstance(kind, String) else 1


def _is_json(model: Table | None, column: Column[Any]) -> bool:
    """MariaDB keeps JSON as LONGTEXT with a CHECK: only the models tell."""
    known = model.columns.get(column.name) if model is not None else None
    return isinstance(column.type if known is None else known.type, JSON)


def _allowed(model: Table | None, column: str) -> str | None:
    """The first state that a CHECK of the models lists for the column."""
    for constraint in model.constraints if model is not None else ():
        text = str(constraint.sqltext) if isinstance(constraint, CheckConstraint) else ""
        if text.startswith(f"{column} IN ("):
            return text.split("'")[1]
    return None
