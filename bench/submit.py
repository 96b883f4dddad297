"""Handing in: the whole transaction against its own statements, run bare by the driver on cases like it."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from functools import partial

from sqlalchemy.orm import Session

from backend.certificates import keys
from bench import county
from bench.context import Context
from bench.harness import Figure, absolute, compare
from bench.statements import Statement, connect, rehearse, replay
from config.settings import Settings
from tests.people import Cast

CASES, ROUNDS = 30, 5


def run(context: Context) -> list[Figure]:
    """Submissions per second in one thread, and the number of statements of one."""
    settings, _ = context.installation("bench_submit")
    cast = county.populated(settings)
    cast.db.transact(_make_key, cast)
    drafts = county.drafts(cast, 2 * ROUNDS * CASES)
    statements = rehearse(cast.db, partial(county.submit, cast, *drafts[0]))
    _print(statements)
    turns = iter(range(2 * ROUNDS))

    def next_drafts() -> list[tuple[int, int]]:
        first = next(turns) * CASES
        return drafts[first : first + CASES]

    figure = compare(
        "submit",
        floor=lambda: _bare(cast, settings, next_drafts()),
        ours=lambda: _ours(cast, next_drafts()),
        goal="≥ 0.5",
        unit="submissions/s",
        rounds=ROUNDS,
    )
    cast.db.dispose()
    return [figure, absolute("submit_statements", len(statements), goal="≤ 12", unit="statements")]


def _make_key(session: Session, cast: Cast) -> None:
    """The signing key of the installation: made once, by the first receipt."""
    keys.current(session, cast.vault, now=cast.clock())


def _print(statements: list[Statement]) -> None:
    for number, statement in enumerate(statements, start=1):
        print(f"    {number:2} {' '.join(statement.sql.split())[:110]}", file=sys.stderr)


def _bare(cast: Cast, settings: Settings, cases: list[tuple[int, int]]) -> float:
    """Rehearsed (and rolled back) before the clock starts: the same statements with the same values."""
    scripts = [rehearse(cast.db, partial(county.submit, cast, *case)) for case in cases]
    with closing(connect(settings.database_url)) as connection:
        started = time.perf_counter()
        for script in scripts:
            replay(connection, script)
            connection.commit()
        return len(cases) / (time.perf_counter() - started)


def _command(session: Session, cast: Cast, resident: int, case: int) -> int:
    return county.submit(cast, resident, case, session)


def _ours(cast: Cast, cases: list[tuple[int, int]]) -> float:
    started = time.perf_counter()
    for case in cases:
        cast.db.transact(_command, cast, *case)
    return len(cases) / (time.perf_counter() - started)
