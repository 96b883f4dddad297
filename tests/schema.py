"""Making the tables of a test database, and emptying them between tests."""

from __future__ import annotations

from sqlalchemy import Engine, text

from config.settings import Settings
from ops.migrate import MAIN, TIPS, Tables, every_model, upgrade


def build(url: str, tables: Tables = MAIN) -> None:
    """Every table, by the migrations."""
    every_model()
    upgrade(url, tables=tables)


def build_both(settings: Settings) -> None:
    """The tables of an installation: the main database and that of the tip line."""
    build(settings.database_url)
    build(settings.tips.database_url, TIPS)


def empty(engine: Engine, tables: Tables = MAIN) -> None:
    """Delete the rows of the tables that have any: one look at all tables, a DELETE for few."""
    names = list(tables.metadata.tables)
    look = " UNION ALL ".join(f"SELECT {place} WHERE EXISTS (SELECT 1 FROM `{n}`)" for place, n in enumerate(names))
    with engine.begin() as connection:
        filled = [names[place] for (place,) in connection.execute(text(look))]
        if not filled:
            return
        connection.execute(text("SET foreign_key_checks = 0"))
        for name in filled:
            connection.execute(text(f"DELETE FROM `{name}`"))
        connection.execute(text("SET foreign_key_checks = 1"))
