"""The tip line's own revisions: up, down with rows, and the same as the models, on both engines."""

from __future__ import annotations

from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from backend.models.base import Base
from backend.models.tip import TipsBase
from ops.migrate import TIPS, configuration, differences, downgrade, upgrade
from tests.migrations.filling import fill
from tests.migrations.test_migrations import NOW, tables


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
