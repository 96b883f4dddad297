"""Whatever couples, nurses, time and crashes do to bookings in any order: seats add up and nobody is there twice."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from backend.catalogue import queries
from backend.db import Database
from backend.kernel.crypto import Vault
from tests import booking_machine
from tests.booking_machine import Bookings, World
from tests.clock import MONDAY, MovableClock
from tests.people import Cast, assemble

QUICK = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


#: ``EXAMPLES=500`` walks longer.
EXAMPLES = int(os.environ.get("EXAMPLES", "9"))


def run(world: World, *, examples: int, steps: int) -> None:
    machine = type("Machine", (Bookings,), {"world": world})
    rules = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=QUICK,
        database=None,
        phases=[Phase.generate],  # shrinking such a walk takes many minutes; add Phase.shrink when one fails
    )
    run_state_machine_as_test(machine, settings=rules)


def test_bookings_follow_the_model_on_sqlite(sqlite_database: Database, vault: Vault, tmp_path: Path) -> None:
    queries.forget()
    first = assemble(sqlite_database, vault, MovableClock(), item="checkup")
    booking_machine.populate(first)
    sqlite_database.dispose()
    template = (tmp_path / "yangguang.db").read_bytes()
    path = tmp_path / "example.db"

    def renew() -> Cast:
        for old in tmp_path.glob("example.db*"):
            old.unlink()
        path.write_bytes(template)
        db = Database(f"sqlite:///{path}")
        return Cast(db, vault, MovableClock(), dict(first.residents), first.reviewers)

    run(World(renew, lambda cast: cast.db.dispose()), examples=EXAMPLES, steps=40)


def test_bookings_follow_the_model_on_mariadb(database: Database, vault: Vault) -> None:
    cast = assemble(database, vault, MovableClock(), item="checkup")
    booking_machine.populate(cast)

    def renew() -> Cast:
        cast.clock.set(MONDAY)
        cast.run(booking_machine.clear)
        return cast

    run(World(renew), examples=EXAMPLES // 3, steps=30)
