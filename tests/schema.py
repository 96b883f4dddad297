"""Making the tables of a test database, and emptying them between tests."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine, text

from backend.models.base import Base
from ops.migrate import REVISIONS, every_model, upgrade


def build(url: str) -> None:
    """Every table, by the migrations."""
    every_model()
    if any(REVISIONS.glob("*.py")):
        upgrade(url)
        return
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()


def empty(engine: Engine) -> None:
    """Delete the rows of the tables that have any: one look at all tables, a DELETE for few."""
    names = list(Base.metadata.tables)
    look = " UNION ALL ".join(f"SELECT {place} WHERE EXISTS (SELECT 1 FROM `{n}`)" for place, n in enumerate(names))
    with engine.begin() as connection:
        filled = [names[place] for (place,) in connection.execute(text(look))]
        if not filled:
            return
        connection.execute(text("SET foreign_key_checks = 0"))
        for name in filled:
            connection.execute(text(f"DELETE FROM `{name}`"))
        connection.execute(text("SET foreign_key_checks = 1"))
