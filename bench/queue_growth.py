"""The queue of the staff on a million cases against ten thousand: the first page, a deep page, the clerk's own turn.

The cases lie in one county, spread over its towns, three in ten still open; the county sees all of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from backend.applications import queue
from backend.applications.queue import Filter
from backend.kernel import cursors
from bench import county
from bench.context import Context
from bench.harness import Figure, compare
from bench.statements import connect
from config.settings import Settings
from tests import factories
from tests.people import Cast

FEW, MANY, BATCH = 10_000, 1_000_000, 10_000
PAGE, CALLS = 20, 50
STEP = timedelta(seconds=10)
#: Spread over towns and deadlines, so that the town sees an eleventh and no two cases are due at once.
SPREAD = {
    # Lists read neither, and without them a million rows are made in a minute.
    "answers": "''",
    "holder": "NULL",
    "town": "CONCAT('3704020', LPAD(1 + seq % 11, 2, '0'), '000')",
    "status": "IF(seq % 10 < 3, 'in_review', 'issued')",
    "queue": "IF(seq % 10 < 3, ELT(1 + seq % 3, 'village', 'town', 'county'), '')",
    "level": "ELT(1 + seq % 3, 'village', 'town', 'county')",
    "due_at": "application.due_at + INTERVAL seq * 10 SECOND",
    "submitted_at": "application.submitted_at + INTERVAL seq * 10 SECOND",
}


@dataclass(frozen=True, slots=True)
class Queue:
    """A county and the cursor after nine tenths of its cases."""

    cast: Cast
    deep: str


def run(context: Context) -> list[Figure]:
    """Milliseconds a page; the ratio is the growth."""
    few, many = (_queue(context, name, number) for name, number in (("bench_few", FEW), ("bench_many", MANY)))
    pages: dict[str, Callable[[Queue], None]] = {
        "queue_growth": lambda size: _page(size.cast, "county", Filter()),
        "queue_growth_deep": lambda size: _page(size.cast, "county", Filter(), after=size.deep),
        "queue_growth_turn": lambda size: _page(size.cast, "town", Filter(turn=True)),
        "queue_growth_counts": lambda size: _counts(size.cast, "town"),
    }
    found = [
        compare(
            name,
            floor=partial(_milliseconds, partial(read, few)),
            ours=partial(_milliseconds, partial(read, many)),
            goal="≤ 1.5",
            unit="ms",
        )
        for name, read in pages.items()
    ]
    for size in (few, many):
        size.cast.db.dispose()
    context.mariadb.drop("bench_many")
    return found


def _queue(context: Context, name: str, number: int) -> Queue:
    settings, _ = context.installation(name)
    cast = county.populated(settings)
    first = factories.submitted(cast)
    _fill(settings, first.id, number)
    if first.due_at is None:
        raise SystemExit("the case has no deadline")
    return Queue(cast, cursors.make(first.due_at + STEP * (number * 9 // 10), 0))


def _fill(settings: Settings, case: int, number: int) -> None:
    """Rows first, indexes after: a sorted build takes a fraction of a million insertions into each."""
    with closing(connect(settings.database_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW CREATE TABLE application")
        lines = [line.strip().rstrip(",") for line in cursor.fetchone()[1].splitlines()]
        keys = [line for line in lines if line.startswith(("KEY", "UNIQUE"))]
        cursor.execute("ALTER TABLE application " + ", ".join(f"DROP INDEX `{key.split('`')[1]}`" for key in keys))
        for after in range(0, number, BATCH):
            county.copies(connection, case, BATCH, SPREAD, after=after)
        cursor.execute("ALTER TABLE application " + ", ".join(f"ADD {key}" for key in keys))
        cursor.execute("ANALYZE TABLE application")


def _page(cast: Cast, level: str, wanted: Filter, after: str | None = None) -> None:
    with cast.db.reading() as session:
        page = queue.page(
            session,
            reviewer=cast.reviewers[level],
            wanted=wanted,
            limit=PAGE,
            cursor=after,
            now=cast.clock(),
        )
    if len(page.items) != PAGE:
        raise SystemExit(f"a page of {len(page.items)} cases")


def _counts(cast: Cast, level: str) -> None:
    with cast.db.reading() as session:
        queue.counts(session, reviewer=cast.reviewers[level], now=cast.clock())


def _milliseconds(call: Callable[[], None]) -> float:
    call()
    started = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - started) / CALLS * 1000
