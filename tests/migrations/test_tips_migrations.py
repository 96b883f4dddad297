"""The tip line's own revisions: up, down with rows, and the same as the models, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect

from backend.models.base import Base
from backend.models.tip import TipsBase
from ops.migrate import TIPS, configuration, differences, downgrade, upgrade
from tests.migrations.filling import fill
from tests.migrations.test_migrations import NOW
from tests.servers import MariaDb


@pytest.fixture(params=["mariadb", "sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/t.db"
        return
    server: MariaDb = request.getfixturevalue("mariadb")
    name = f"tips_{tmp_path.name}"[:60]
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    yield engine
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_revisions_say_the_same_as_the_models(url: str, engine: Engine) -> None:
    upgrade(url, tables=TIPS)
    assert differences(url, TIPS) == []
    assert tables(engine) == set(TipsBase.metadata.tables)


def test_every_step_goes_up_and_down_with_rows(url: str, engine: Engine) -> None:
    walk = ScriptDirectory.from_config(configuration(url, TIPS)).walk_revisions()
    steps = [step.revision for step in reversed(list(walk))]
    for place, step in enumerate(steps):
        upgrade(url, step, tables=TIPS)
        fill(engine, now=NOW, models=TipsBase.metadata)
        downgrade(url, steps[place - 1] if place else "base", tables=TIPS)
        upgrade(url, step, tables=TIPS)
    downgrade(url, tables=TIPS)
    assert tables(engine) == set()


def test_no_table_stands_in_both_databases() -> None:
    assert set(TipsBase.metadata.tables) & set(Base.metadata.tables) == set()
