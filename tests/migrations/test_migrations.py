"""Migrations go up and down with data in the tables, and say the same as the models, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from backend.models.base import Base
from ops.migrate import REVISIONS, configuration, differences, downgrade, every_model, upgrade
from tests.migrations.filling import fill

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_migrations_say_the_same_as_the_models(url: str) -> None:
    upgrade(url)
    assert differences(url) == []


def test_migrations_make_every_check_of_the_models(url: str, engine: Engine) -> None:
    upgrade(url)
    look = inspect(engine)
    made = {(t, str(c["name"])) for t in tables(engine) for c in look.get_check_constraints(t)}
    wanted = {(t.name, str(c.name)) for t in every_model().tables.values() for c in t.constraints if _is_check(c)}
    assert wanted - made == set()


def _is_check(constraint: object) -> bool:
    return type(constraint).__name__ == "CheckConstraint"


def test_upgrade_twice_changes_nothing(url: str, engine: Engine) -> None:
    upgrade(url)
    before = tables(engine)
    upgrade(url)
    assert tables(engine) == before == set(Base.metadata.tables)


def test_every_step_goes_up_and_down_with_rows(url: str, engine: Engine) -> None:
    steps = [s.revision for s in reversed(list(ScriptDirectory.from_config(configuration(url)).walk_revisions()))]
    for place, step in enumerate(steps):
        upgrade(url, step)
        fill(engine, now=NOW)
        downgrade(url, steps[place - 1] if place else "base")
        upgrade(url, step)
    downgrade(url)
    assert tables(engine) == set()


def test_rows_survive_an_upgrade_that_has_nothing_to_do(url: str, engine: Engine) -> None:
    upgrade(url)
    filled = fill(engine, now=NOW)
    upgrade(url)
    with engine.connect() as connection:
        kept = {t: connection.execute(text(f"SELECT COUNT(*) FROM `{t}`")).scalar() for t in filled}
    assert set(kept.values()) == {1}


def test_text_comes_back_byte_equal(url: str, engine: Engine) -> None:
    upgrade(url)
    rare = "𠮷㐂䶮 😀 e\u0301"
    filled = fill(engine, now=NOW, words=rare)
    table, column = next((t, c.name) for t in filled for c in Base.metadata.tables[t].columns if c.name == "name")
    with engine.connect() as connection:
        assert connection.execute(text(f"SELECT `{column}` FROM `{table}`")).scalar() == rare


def test_revisions_are_numbered_in_order() -> None:
    names = sorted(path.stem for path in REVISIONS.glob("*.py"))
    assert [name[:4] for name in names] == [f"{number:04d}" for number in range(1, len(names) + 1)]
    assert names
